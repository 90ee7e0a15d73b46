package io.koshi.task.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.koshi.api.Trust;
import io.koshi.tool.Tool;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TaskToolTest {
    @TempDir
    Path folder;

    private TaskHouse house;

    @BeforeEach
    void open() {
        house = new TaskHouse(folder);
    }

    @AfterEach
    void close() {
        house.close();
    }

    @Test
    void makesListsAndEndsTasks() throws Exception {
        Tool create = new TaskCreateTool(house.tasks, house.room.sqlite, house.room.codec);
        Tool list = new TaskListTool(house.tasks, house.room.codec);
        Tool update = new TaskUpdateTool(house.tasks, house.room.sqlite);

        assertThat(say(create, Map.of("title", "Sweep", "description", "the floor", "project", "home")))
                .isEqualTo("{\"id\":1,\"message\":\"Task created\"}");
        assertThat(say(create, Map.of("title", "Wax", "blocked_by", List.of(1L))))
                .isEqualTo("{\"id\":2,\"message\":\"Task created\"}");
        assertThat(say(list, Map.of("status", "pending")))
                .isEqualTo(
                        "[{\"id\":1,\"title\":\"Sweep\",\"status\":\"queued\",\"priority\":100,\"project\":\"home\"}]");
        assertThat(say(update, Map.of("id", 1L, "status", "completed", "result", "clean", "title", "Swept")))
                .isEqualTo("{\"message\":\"Task updated\"}");

        assertThat(house.get("1").status()).isEqualTo("done");
        assertThat(house.get("1").title()).contains("Swept");
        assertThat(house.get("2").status()).isEqualTo("queued");
        assertThat(house.lease("w").orElseThrow().trust()).isEqualTo(Trust.LOW);
        assertThatThrownBy(() -> say(update, Map.of("id", 2L, "status", "completed")))
                .hasMessageContaining("nobody holds");
    }

    @Test
    void isNoWayRoundAPerson() {
        String id = house.enqueue(Map.of("prompt", "sign", "type", "human"));
        Tool update = new TaskUpdateTool(house.tasks, house.room.sqlite);

        assertThatThrownBy(() -> say(update, Map.of("id", id, "status", "completed")))
                .hasMessageContaining("is waiting");
    }

    private static String say(Tool tool, Map<String, Object> arguments) throws Exception {
        assertThat(tool.audience()).isEqualTo(Tool.Audience.COORDINATOR);
        return tool.run(new Tool.Context("main", "r", "c", Optional.empty(), Path.of("."), Trust.LOW), arguments)
                .text();
    }
}
