package io.koshi.task.internal;

import static io.koshi.task.internal.TaskHouse.by;
import static io.koshi.task.internal.TaskHouse.join;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.koshi.task.Leased;
import io.koshi.task.internal.SplitMethods.Progress;
import io.koshi.task.internal.SplitMethods.Split;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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

    private Leased lease() {
        return house.lease(Map.of("worker", "w", "waitMs", 25_000L), by("c")).get(0);
    }

    private Progress split(Map<String, Object> params) {
        return join(house.splits.split(house.room.codec.fromData(new HashMap<>(params), Split.class)));
    }
}
