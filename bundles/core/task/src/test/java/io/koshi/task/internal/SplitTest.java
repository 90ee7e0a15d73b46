package io.koshi.task.internal;

import static io.koshi.task.internal.TaskHouse.by;
import static io.koshi.task.internal.TaskHouse.join;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.koshi.task.Leased;
import io.koshi.task.internal.SplitMethods.Progress;
import io.koshi.task.internal.SplitMethods.Split;
import io.koshi.task.internal.WorkerMethods.Lease;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SplitTest {
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
    void makesABatchOfEachFewItemsAndGathersWhatCameOfThem() {
        Progress split = split(Map.of(
                "prompt",
                "sum {{items}} up",
                "aggregate",
                "add all",
                "batch",
                2L,
                "items",
                List.of(1L, 2L, 3L),
                "last",
                true));

        assertThat(split.batches()).isEqualTo(2);
        assertThat(house.get(split.splitId()).status()).isEqualTo("blocked");
        Leased first = house.lease("w").orElseThrow();
        assertThat(first.prompt()).isEqualTo("sum 1\n2 up");
        house.ack(first, "three");
        Leased second = house.lease("w").orElseThrow();
        assertThat(second.prompt()).isEqualTo("sum 3 up");
        house.ack(second, "also three");

        Leased aggregator = lease();
        assertThat(aggregator.taskId()).isEqualTo(split.splitId());
        assertThat(aggregator.prompt())
                .startsWith("add all")
                .contains("\"three\"")
                .contains("\"also three\"");
        house.ack(aggregator, "six");
        assertThat(house.get(split.splitId()).split().orElseThrow())
                .isEqualTo(new TaskViews.Progress(3, 2, 2, 0, true, "fail"));
    }

    @Test
    void takesAPieceThatIsSentAgainOnce() {
        String id = split(Map.of("prompt", "do", "items", List.of("a", "b"))).splitId();

        split(Map.of("splitId", id, "items", List.of("a", "b"), "from", 0L));
        split(Map.of("splitId", id, "items", List.of("b", "c"), "from", 1L));
        Progress end = split(Map.of("splitId", id, "from", 3L, "last", true));

        assertThat(end.items()).isEqualTo(3);
        assertThat(end.batches()).isEqualTo(3);
        assertThatThrownBy(() -> split(Map.of("splitId", id, "items", List.of("x"), "from", 9L)))
                .hasMessageContaining("items 3 to 8 are missing");
        assertThatThrownBy(() -> split(Map.of("splitId", id, "items", List.of("d"), "from", 3L)))
                .hasMessageContaining("all its items already");
    }

    @Test
    void failsTheAggregatorWithABatchAndRunsItAfterARetry() {
        Progress split = split(Map.of("prompt", "do", "aggregate", "all", "items", List.of("a", "b"), "last", true));
        Leased bad = house.lease("w").orElseThrow();
        house.nack(bad, Map.of("then", "fail", "error", "no"));
        house.ack(house.lease("w").orElseThrow(), "ok");

        await().until(() -> house.get(split.splitId()).status().equals("failed"));
        assertThat(house.get(split.splitId()).error().orElseThrow().message())
                .isEqualTo("1 of 2 batches did not end well");

        assertThat(join(house.methods.retry(new TaskMethods.Retry(java.util.Optional.empty(), true)))
                        .retried())
                .isEqualTo(2);
        house.ack(lease(), "ok now");
        assertThat(lease().taskId()).isEqualTo(split.splitId());
    }

    @Test
    void goesOnWithAShareOfFailures() {
        Progress split = split(Map.of(
                "prompt", "do", "policy", "threshold", "threshold", 0.5, "items", List.of("a", "b"), "last", true));
        house.nack(house.lease("w").orElseThrow(), Map.of("then", "fail"));
        house.ack(house.lease("w").orElseThrow(), "ok");

        await().until(() -> house.get(split.splitId()).status().equals("done"));
        assertThat(house.get(split.splitId()).resultRef()).isPresent();
    }

    @Test
    void failsWithMoreThanItsShareOfFailures() {
        Progress split = split(Map.of(
                "prompt",
                "do",
                "policy",
                "threshold",
                "threshold",
                0.3,
                "aggregate",
                "all",
                "items",
                List.of("a", "b", "c"),
                "last",
                true));
        house.nack(house.lease("w").orElseThrow(), Map.of("then", "fail"));
        house.ack(house.lease("w").orElseThrow(), "ok");
        house.ack(house.lease("w").orElseThrow(), "ok");

        await().until(() -> house.get(split.splitId()).status().equals("failed"));
        assertThat(house.lease("w")).isEmpty();
    }

    @Test
    void gathersWhatThereIsWhereFailuresAreIgnored() {
        Progress split = split(Map.of(
                "prompt", "do", "policy", "ignore", "aggregate", "all", "items", List.of("a", "b"), "last", true));
        for (int i = 0; i < 2; i++) {
            house.nack(house.lease("w").orElseThrow(), Map.of("then", "fail", "error", "no " + i));
        }

        Leased aggregator = lease();
        assertThat(aggregator.taskId()).isEqualTo(split.splitId());
        assertThat(aggregator.prompt())
                .contains("\"status\":\"failed\",\"error\":\"no 0\"")
                .contains("no 1");
    }

    @Test
    void hasATaskFindTheItems() {
        Progress split = split(Map.of("prompt", "do {{items}}", "splitter", "find them", "aggregate", "all"));
        Leased splitter = house.lease("w").orElseThrow();
        assertThat(splitter.prompt()).isEqualTo("find them");
        house.ack(splitter, "[\"x\", {\"y\": 1}]");

        Leased first = lease();
        assertThat(first.prompt()).isEqualTo("do x");
        Leased second = lease();
        assertThat(second.prompt()).isEqualTo("do {\"y\":1}");
        house.ack(first, "1");
        house.ack(second, "2");
        assertThat(lease().taskId()).isEqualTo(split.splitId());
    }

    @Test
    void makesItemsOfLinesThatLookLikeAListButAreNone() {
        for (String found : List.of("[a]\nb", "[1, 2", "[1,,2]", "[1] x", "[null]")) {
            split(Map.of("prompt", "do {{items}}", "splitter", "find them"));
            house.ack(lease(), found);

            for (String line : found.split("\n")) {
                Leased batch = lease();
                assertThat(batch.prompt()).isEqualTo("do " + line);
                house.ack(batch, "ok");
            }
        }
    }

    /** Each of many that come in one commit wakes a thread to serve those who wait. */
    @Test
    void aWorkerThatWaitsIsGivenTheFirstOfManyThatComeAtOnce() {
        List<String> items = IntStream.range(0, 20).mapToObj(Integer::toString).toList();
        for (int round = 0; round < 60; round++) {
            var waiting = house.workers
                    .lease(new Lease("w", List.of("chat"), List.of(), 1, Optional.empty(), 25_000), by("c"))
                    .toCompletableFuture();
            split(Map.of("prompt", "do {{items}}", "items", items, "last", true));
            List<Leased> leased = new ArrayList<>(waiting.join().tasks());
            leased.addAll(house.lease(Map.of("worker", "w", "max", 50L), by("c")));

            assertThat(leased)
                    .extracting(Leased::prompt)
                    .containsExactlyElementsOf(items.stream().map("do "::concat).toList());
            assertThat(leased).extracting(Leased::attempt).containsOnly(1);
            leased.forEach(task -> house.ack(task, "ok"));
        }
    }

    @Test
    void makesItemsOfMoreThanFitsAPieceWhateverIsInThem() {
        List<Object> items = IntStream.range(0, 1203)
                .mapToObj(i -> (Object) Map.of("text", "[\"\\ ], } " + i, "list", List.of(i, List.of())))
                .toList();
        Progress split = split(Map.of("prompt", "do", "splitter", "find", "batch", 500L, "aggregate", "all"));
        house.ack(lease(), new String(house.room.codec.json(items), java.nio.charset.StandardCharsets.UTF_8));

        StringBuilder seen = new StringBuilder();
        for (int i = 0; i < 3; i++) {
            Leased batch = lease();
            seen.append(batch.prompt());
            house.ack(batch, "ok");
        }
        assertThat(seen.toString().lines().filter(line -> line.startsWith("{"))).hasSize(1203);
        assertThat(seen).contains(" 1202\"");
        assertThat(house.get(split.splitId()).split().orElseThrow().items()).isEqualTo(1203);
    }

    @Test
    void goesOnAfterARestartWithWhatTheSplitterFound() {
        Progress split = split(Map.of("prompt", "do", "splitter", "find", "aggregate", "all"));
        Leased splitter = house.lease("w").orElseThrow();
        List<Object> items =
                IntStream.range(0, 700).mapToObj(i -> (Object) ("i" + i)).toList();
        // the hub ends when the first piece is on disk and the second is not
        house.pools.work().shutdown();
        house.ack(
                splitter, String.join("\n", items.stream().map(String::valueOf).toList()));
        split(Map.of("splitId", split.splitId(), "items", items.subList(0, 500)));
        house.close();

        house = new TaskHouse(folder);
        await().until(() -> house.get(split.splitId()).split().orElseThrow().closed());
        assertThat(house.get(split.splitId()).split().orElseThrow())
                .isEqualTo(new TaskViews.Progress(700, 700, 0, 0, true, "fail"));
    }

    @Test
    void gathersAfterARestartWhatEndedBeforeIt() {
        Progress split = split(Map.of("prompt", "do", "aggregate", "all", "items", List.of("a"), "last", true));
        Leased batch = house.lease("w").orElseThrow();
        // the hub ends between the last batch and the gathering: its work pool is gone already
        house.pools.work().shutdown();
        house.ack(batch, "ok");
        house.close();

        house = new TaskHouse(folder);
        assertThat(lease().taskId()).isEqualTo(split.splitId());
    }

    @Test
    void gathersWhenTheHubHasTimeAgain() {
        Progress split = split(Map.of("prompt", "do", "aggregate", "all", "items", List.of("a"), "last", true));
        Leased batch = house.lease("w").orElseThrow();
        house.pools.busy(true);
        house.ack(batch, "ok");
        house.room.quiet();
        assertThat(house.get(split.splitId()).status()).isEqualTo("blocked");

        house.pools.busy(false);

        assertThat(lease().taskId()).isEqualTo(split.splitId());
    }

    @Test
    void callsAllBatchesOffWithTheSplit() {
        Progress split = split(Map.of(
                "prompt",
                "do",
                "aggregate",
                "all",
                "items",
                IntStream.range(0, 450).mapToObj(i -> (Object) ("i" + i)).toList(),
                "last",
                true));

        join(house.methods.cancel(new TaskMethods.Cancel(split.splitId(), "no")));

        assertThat(house.stats().cancelled()).isEqualTo(451);
        assertThat(house.lease("w")).isEmpty();
    }

    @Test
    void callsOffAfterARestartWhatWasLeftOfASplitThatWasCalledOff() {
        Progress split =
                split(Map.of("prompt", "do", "aggregate", "all", "items", List.of("a", "b", "c"), "last", true));
        Progress finding = split(Map.of("prompt", "do", "splitter", "find"));
        // the hub ends when the splits are called off and their tasks are not
        for (Progress each : List.of(split, finding)) {
            house.room.sqlite.writeNow(tx -> house.tasks.counter().cancel(tx, each.number(), "no"));
        }
        assertThat(house.stats().queued()).isEqualTo(4);
        house.close();

        house = new TaskHouse(folder);

        await().until(() -> house.stats().cancelled() == 6);
        assertThat(house.lease("w")).isEmpty();
    }

    private Leased lease() {
        return house.lease(Map.of("worker", "w", "waitMs", 25_000L), by("c")).get(0);
    }

    private Progress split(Map<String, Object> params) {
        return join(house.splits.split(house.room.codec.fromData(new HashMap<>(params), Split.class)));
    }
}
