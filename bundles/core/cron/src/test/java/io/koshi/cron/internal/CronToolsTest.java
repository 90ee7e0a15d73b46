package io.koshi.cron.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.koshi.api.Address;
import io.koshi.api.Trust;
import io.koshi.session.internal.Transcripts;
import io.koshi.tool.Tool;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CronToolsTest {
    @TempDir
    Path folder;

    private House house;
    private Tool schedule;
    private Tool cancel;
    private Tool list;

    @BeforeEach
    void open() {
        house = new House(folder, House.NOON, Map.of());
        Transcripts sessions = new Transcripts(house.room.sqlite, house.room, house.room, house.room.codec);
        house.room.sqlite.writeNow(tx -> sessions.open(tx, Address.of("chat", "ann"), "ann"));
        schedule = new ScheduleJobTool(house.register, sessions);
        cancel = new CancelJobTool(house.register);
        list = new ListJobsTool(house.register);
    }

    @AfterEach
    void close() throws Exception {
        house.close();
    }

    private String run(Tool tool, Map<String, Object> arguments) throws Exception {
        return tool.run(new Tool.Context("chat:ann", "run", "call", Optional.empty(), folder, Trust.LOW), arguments)
                .text();
    }

    @Test
    void schedulesListsAndCancelsInTheWordsAgentsKnow() throws Exception {
        assertThat(run(list, Map.of())).isEqualTo("No scheduled jobs.");
        String said = run(
                schedule,
                Map.of("name", "tea", "schedule_at", "2026-11-21T12:30:00Z", "payload", "Tea", "timezone", "UTC"));
        assertThat(said).matches("Job scheduled: tea \\(id: [a-z0-9]{8}\\) — fires at 2026-11-21T12:30:00Z");
        String id = said.replaceAll(".*id: (.{8}).*", "$1");
        assertThat(run(list, Map.of())).contains("tea (id: " + id + ")").contains("notify Tea");
        assertThat(run(cancel, Map.of("id", id))).isEqualTo("Job cancelled: tea (id: " + id + ")");
        assertThat(run(cancel, Map.of("id", id))).isEqualTo("Job not found or already fired/cancelled.");
        assertThat(run(list, Map.of())).isEqualTo("No scheduled jobs.");
    }

    @Test
    void whatTheAgentIsAskedLaterIsTrustedNoMoreThanWhoAskedForIt() throws Exception {
        run(
                schedule,
                Map.of(
                        "name",
                        "look",
                        "repeat_cron",
                        "0 13 * * *",
                        "timezone",
                        "UTC",
                        "payload_type",
                        "spawn",
                        "payload",
                        "Look"));
        house.at("2026-11-21T13:00:00Z");
        assertThat(house.asked.values()).singleElement().satisfies(ask -> {
            assertThat(ask.trust()).isEqualTo(Trust.LOW);
            assertThat(ask.replyTo().orElseThrow()).hasToString("chat:ann");
        });
    }

    @Test
    void wantsOneOfMomentAndRhythm() {
        assertThatThrownBy(() -> run(schedule, Map.of("name", "x", "payload", "y")))
                .hasMessageContaining("either schedule_at or repeat_cron");
        assertThat(schedule.audience()).isEqualTo(Tool.Audience.COORDINATOR);
        assertThat(schedule.carriesTrust()).isTrue();
        assertThat(list.readOnly()).isTrue();
    }
}
