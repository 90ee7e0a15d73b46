package io.koshi.task.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.koshi.api.Trust;
import io.koshi.task.Leased;
import io.koshi.task.Tasks.Order;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tasks that are one row and not in the queue's index yet behave as any other. */
class SortingTest {
    private static final String LONG = "x".repeat(2000);

    @TempDir
    Path folder;

    private TaskHouse house;

    private TaskHouse house() {
        if (house == null) {
            house = new TaskHouse(folder);
        }
        return house;
    }

    private TaskHouse restarted() {
        house().close();
        house = null;
        return house();
    }

    @AfterEach
    void close() {
        if (house != null) {
            house.close();
        }
    }

    @Test
    void findsAfterARestartWhatWasNotSortedYet() {
        house().enqueue(Map.of("prompt", "second", "priority", 50));
        house().enqueue(Map.of("prompt", "third"));
        house().enqueue(Map.of("prompt", "first", "priority", 10));

        TaskHouse again = restarted();

        assertThat(LongStream.range(0, 3)
                        .mapToObj(i -> again.lease("w").orElseThrow().prompt()))
                .containsExactly("first", "second", "third");
        assertThat(again.lease("w")).isEmpty();
    }

    @Test
    void findsEveryTaskOfManyMadeInOneCommit() {
        assertThat(house().lease("w")).isEmpty(); // the queue is known to be empty
        int count = 3 * Sorting.SLICE;
        house().room.sqlite.writeNow(tx -> {
            IntStream.range(0, count).forEach(i -> house().tasks.enqueue(tx, order("p" + i)));
            return null;
        });
        long unsorted = house().room.sqlite.read(tx -> tx.number("SELECT COUNT(*) FROM task WHERE unsorted = 1"));
        assertThat(unsorted).isLessThan(3 * Sorting.SLICE);

        TaskHouse again = restarted();

        List<Leased> leased = new ArrayList<>();
        for (int round = 0; round < 4; round++) {
            leased.addAll(again.lease(Map.of("worker", "w", "max", 1000), TaskHouse.by("")));
        }
        assertThat(leased.stream().map(Leased::number))
                .isEqualTo(LongStream.rangeClosed(1, count).boxed().toList());
    }

    @Test
    void whatAWorkerGaveBackBeforeItWasSortedIsFoundAfterARestart() {
        String id = house().enqueue("again");
        house().nack(house().lease("w").orElseThrow(), Map.of("then", "release"));
        house().enqueue("later");

        TaskHouse again = restarted();

        assertThat(again.lease("w").orElseThrow().taskId()).isEqualTo(id);
    }

    @Test
    void showsAShortTaskAsAnyOther() {
        String id = house().enqueue("short");
        house().ack(house().lease("w1").orElseThrow(), "well");

        for (TaskHouse now : List.of(house(), restarted())) {
            TaskViews.Task task = now.get(id);
            assertThat(task.prompt()).isEqualTo("short");
            assertThat(task.result()).contains("well");
            assertThat(task.attempts()).singleElement().satisfies(attempt -> {
                assertThat(attempt.worker()).isEqualTo("w1");
                assertThat(attempt.status()).isEqualTo("done");
                assertThat(attempt.leasedAt())
                        .isBeforeOrEqualTo(attempt.endedAt().orElseThrow());
            });
            TaskViews.Brief listed = now.tasks
                    .catalogue()
                    .list(new Catalogue.Query(Optional.empty(), Optional.empty(), 10, Optional.empty(), true))
                    .get(0);
            assertThat(listed.prompt()).contains("short");
            assertThat(listed.result()).contains("well");
        }
    }

    @Test
    void aShortTaskMayEndLongAndALongOneShort() {
        String first = house().enqueue("short");
        house().ack(house().lease("w").orElseThrow(), LONG);
        String second = house().enqueue(LONG);
        house().ack(house().lease("w").orElseThrow(), "well");

        TaskHouse again = restarted();

        assertThat(again.get(first).result()).contains(LONG);
        assertThat(again.get(first).attempts()).hasSize(1);
        assertThat(again.get(second).prompt()).isEqualTo(LONG);
        assertThat(again.get(second).result()).contains("well");
    }

    @Test
    void keepsTheHistoryOfAShortTaskThatNeededTwoTries() {
        String id = house().enqueue("short");
        house().nack(house().lease("w1").orElseThrow(), Map.of("delayMs", 0, "error", "no"));
        house().ack(house().lease("w2").orElseThrow(), "well");

        TaskViews.Task task = restarted().get(id);

        assertThat(task.result()).contains("well");
        assertThat(task.attempts().stream().map(TaskViews.Attempt::status)).containsExactly("failed", "done");
    }

    @Test
    void aShortTaskGoesToTheHubWithAModel() {
        String id = house().enqueue("short");
        house().room.sqlite.writeNow(tx -> {
            house().tasks.counter().runByTheHub(tx, Book.number(tx, id), Optional.of("local"));
            return null;
        });
        assertThat(house().lease("w")).isEmpty();
        List<Leased> taken = house().room.sqlite.writeNow(tx -> house().tasks.take(tx, "agent", 10));
        assertThat(taken).singleElement().satisfies(task -> {
            assertThat(task.prompt()).isEqualTo("short");
            assertThat(task.model()).contains("local");
            assertThat(task.trust()).isEqualTo(Trust.MEDIUM);
        });
    }

    @Test
    void leasesATaskUnderTheTitleItHasNow() {
        String id = house().enqueue(Map.of("prompt", "short", "title", "old"));
        house().room
                .sqlite
                .write(tx -> {
                    house().tasks.counter().edit(tx, Book.number(tx, id), Optional.of("new"), Optional.empty());
                    return null;
                })
                .join(); // and what follows the commit
        assertThat(house().lease("w").orElseThrow().title()).contains("new");
    }

    private static Order order(String prompt) {
        return new Order(
                Optional.empty(),
                prompt,
                "chat",
                100,
                Optional.empty(),
                Optional.empty(),
                List.of(),
                Optional.empty(),
                List.of(),
                false,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }
}
