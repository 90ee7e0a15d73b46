package io.koshi.task.internal;

import static io.koshi.task.internal.TaskHouse.by;
import static io.koshi.task.internal.TaskHouse.join;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.rpc.Caller;
import io.koshi.task.Leased;
import io.koshi.task.internal.TaskMethods.Approval;
import io.koshi.task.internal.TaskMethods.Cancel;
import io.koshi.task.internal.TaskMethods.Retry;
import io.koshi.task.internal.WorkerMethods.Ack;
import io.koshi.task.internal.WorkerMethods.Lease;
import io.koshi.task.internal.WorkerMethods.Renew;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LeaseTest {
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
    void leasesByPriorityThenByAge() {
        String low = house.enqueue(Map.of("prompt", "low", "priority", 200L));
        String first = house.enqueue("first");
        String second = house.enqueue("second");
        String urgent = house.enqueue(Map.of("prompt", "urgent", "priority", 1L));

        List<Leased> leased = house.lease(Map.of("worker", "w", "max", 10L), by("c"));

        assertThat(leased).extracting(Leased::taskId).containsExactly(urgent, first, second, low);
        assertThat(leased).extracting(Leased::attempt).containsOnly(1);
        assertThat(house.lease("other")).isEmpty();
    }

    @Test
    void showsALeaseAtOnceEverywhere() {
        String id = house.enqueue("work");
        Leased leased = house.lease("w").orElseThrow();

        TaskViews.Task shown = house.get(id);
        assertThat(shown.status()).isEqualTo("leased");
        assertThat(shown.fence()).isEqualTo(leased.fence());
        assertThat(shown.leasedUntil()).isEqualTo(leased.leasedUntil());
        assertThat(shown.attempts()).singleElement().satisfies(attempt -> {
            assertThat(attempt.worker()).isEqualTo("w");
            assertThat(attempt.status()).isEqualTo("leased");
        });
        assertThat(house.stats().leased()).isEqualTo(1);
        assertThat(house.stats().queued()).isZero();
        assertThat(house.room.topics()).containsExactly("task.queued", "task.leased");
    }

    @Test
    void refusesASecondAckAndAnothersToken() {
        String id = house.enqueue("work");
        Leased leased = house.lease("w").orElseThrow();

        assertThatThrownBy(() -> join(house.workers.ack(new Ack(id, leased.fence() + 1, "stolen"))))
                .hasMessageContaining("token is not its newest");
        house.ack(leased, "mine");
        assertThatThrownBy(() -> house.ack(leased, "again"))
                .isInstanceOfSatisfying(
                        KoshiException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT))
                .hasMessageContaining("is done");
        assertThat(house.get(id).result()).contains("mine");
        assertThat(house.get(id).attempts()).extracting(a -> a.status()).containsExactly("done");
    }

    @Test
    void oneOfManyAcksUnderOneTokenGoesThrough() {
        house.enqueue("work");
        Leased leased = house.lease("w").orElseThrow();
        List<CompletableFuture<Boolean>> acks = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            String result = "r" + i;
            acks.add(CompletableFuture.supplyAsync(() -> {
                try {
                    house.ack(leased, result);
                    return true;
                } catch (KoshiException e) {
                    return false;
                }
            }));
        }
        assertThat(acks.stream().filter(CompletableFuture::join)).hasSize(1);
    }

    @Test
    void queuesWhatALeaseLostAgainAndLeavesTheLateAck() {
        String id = house.enqueue("work");
        Leased slow =
                house.lease(Map.of("worker", "slow", "leaseMs", 20L), by("c")).get(0);

        await().until(() -> house.get(id).status().equals("queued"));
        Leased quick = house.lease("quick").orElseThrow();
        assertThat(quick.fence()).isGreaterThan(slow.fence());
        assertThat(quick.attempt()).isEqualTo(2);
        assertThatThrownBy(() -> house.ack(slow, "late")).isInstanceOf(KoshiException.class);
        assertThatThrownBy(() -> house.workers.renew(new Renew(id, slow.fence(), Optional.empty())))
                .isInstanceOf(KoshiException.class);
        house.ack(quick, "good");

        assertThat(house.get(id).result()).contains("good");
        assertThat(house.get(id).attempts()).extracting(a -> a.status()).containsExactly("lost", "done");
        assertThat(house.get(id).attempts().get(0).error()).contains("its lease ran out");
    }

    @Test
    void keepsALeaseThatIsRenewed() {
        String id = house.enqueue("work");
        Leased leased =
                house.lease(Map.of("worker", "w", "leaseMs", 6_000L), by("c")).get(0);

        var renewed = house.workers.renew(new Renew(id, leased.fence(), Optional.of(60_000L)));

        assertThat(renewed.leasedUntil()).isAfter(leased.leasedUntil().orElseThrow());
        Instant first = leased.leasedUntil().orElseThrow();
        await().until(() -> Instant.now().isAfter(first.plusMillis(300)));
        assertThat(house.get(id).status()).isEqualTo("leased");
        house.ack(leased, "done");
    }

    @Test
    void aClockThatJumpsAnHourEndsNoLeaseAndLengthensNone() {
        String kept = house.enqueue("kept");
        Leased leased = house.lease("w").orElseThrow();
        house.wall = Duration.ofHours(1);
        String soon = house.enqueue("soon");
        house.lease(Map.of("worker", "w", "leaseMs", 50L), by("c"));
        house.wall = Duration.ofHours(-1);
        String back = house.enqueue("back");
        house.lease(Map.of("worker", "w", "leaseMs", 50L), by("c"));

        await().until(() -> house.get(soon).status().equals("queued")
                && house.get(back).status().equals("queued"));
        assertThat(house.get(kept).status()).isEqualTo("leased");
        house.ack(leased, "in time");
    }

    @Test
    void givesTheLeasesOfAClosedConnectionBackAtOnce() {
        String mine = house.enqueue("mine");
        String others = house.enqueue("others");
        Caller gone = by("gone");
        house.lease(Map.of("worker", "a"), gone);
        house.lease(Map.of("worker", "b"), by("stays"));

        house.closed(gone);

        await().until(() -> house.get(mine).status().equals("queued"));
        assertThat(house.get(others).status()).isEqualTo("leased");
        assertThat(house.get(mine).attempts()).extracting(a -> a.status()).containsExactly("lost");
        assertThat(house.lease("c").orElseThrow().taskId()).isEqualTo(mine);
    }

    @Test
    void givesATaskThatNamesAModelOnlyToAWorkerThatHasIt() {
        String named = house.enqueue(Map.of("prompt", "think", "model", "qwen", "priority", 1L));
        String plain = house.enqueue("any");
        assertThat(house.get(named).waitsFor().orElseThrow()).contains("'qwen'");
        assertThat(house.get(plain).waitsFor()).isEmpty();

        assertThat(house.lease(Map.of("worker", "bare", "max", 9L), by("c")))
                .extracting(Leased::taskId)
                .containsExactly(plain);
        assertThat(house.lease(Map.of("worker", "other", "models", List.of("llama")), by("c")))
                .isEmpty();
        assertThat(house.list().get(0).waitsFor()).isEmpty();
        assertThat(house.list().get(1).waitsFor().orElseThrow()).contains("'qwen'");

        String second = house.enqueue("any other");
        List<Leased> both =
                house.lease(Map.of("worker", "has", "models", List.of("llama", "qwen"), "max", 9L), by("c"));
        assertThat(both).extracting(Leased::taskId).containsExactly(named, second);
        assertThat(both.get(0).model()).contains("qwen");
        assertThat(house.get(named).waitsFor()).isEmpty();

        // and it is no other's when it comes back, or after a restart
        house.nack(both.get(0), Map.of("then", "release"));
        assertThat(house.lease("bare")).isEmpty();
        assertThat(house.get(named).status()).isEqualTo("queued");
        house.close();
        house = new TaskHouse(folder);
        assertThat(house.lease(Map.of("worker", "bare", "max", 9L), by("c")))
                .extracting(Leased::taskId)
                .containsExactly(plain, second);
        assertThat(house.get(named).waitsFor().orElseThrow()).contains("'qwen'");
        assertThat(house.lease(Map.of("worker", "has", "models", List.of("qwen")), by("c")))
                .extracting(Leased::taskId)
                .containsExactly(named);
    }

    @Test
    void wakesAWorkerThatWaitsForATaskOfItsModel() {
        var waiting = house.workers
                .lease(new Lease("w", List.of("chat"), List.of("qwen"), 1, Optional.empty(), 20_000), by("c"))
                .toCompletableFuture();
        house.enqueue(Map.of("prompt", "not mine", "model", "llama"));
        String mine = house.enqueue(Map.of("prompt", "mine", "model", "qwen"));
        assertThat(waiting)
                .succeedsWithin(Duration.ofMinutes(1))
                .satisfies(leases ->
                        assertThat(leases.tasks()).extracting(Leased::taskId).containsExactly(mine));
    }

    @Test
    void knowsTheTasksOfManyMoreModelsThanItKeepsInMemory() {
        for (int i = 0; i < 300; i++) {
            house.enqueue(Map.of("prompt", "p", "model", "m" + i));
            house.lease(Map.of("worker", "w", "models", List.of("x" + i)), by("c"));
        }
        for (int i = 0; i < 300; i++) {
            assertThat(house.lease(Map.of("worker", "w", "models", List.of("m" + i)), by("c")))
                    .hasSize(1);
        }
        assertThat(house.lease("w")).isEmpty();
    }

    @Test
    void refusesMoreModelsThanAWorkerHas() {
        List<String> many =
                java.util.stream.IntStream.range(0, 65).mapToObj(i -> "m" + i).toList();
        assertThatThrownBy(() -> house.lease(Map.of("worker", "w", "models", many), by("c")))
                .hasMessageContaining("at most 64");
    }

    @Test
    void theHubsAgentMayTakeATaskWhoseModelNoWorkerHas() {
        String id = house.enqueue(Map.of("prompt", "think", "model", "qwen"));
        join(house.methods.run(new TaskMethods.Run(id, Optional.empty())));
        List<Leased> taken = house.room.sqlite.writeNow(tx -> house.tasks.take(tx, "agent", 5));
        assertThat(taken)
                .singleElement()
                .satisfies(task -> assertThat(task.model()).contains("qwen"));
    }

    @Test
    void aLostWorkerIsNoFailureOfTheTaskUntilManyAreLost() {
        String id = house.enqueue(Map.of("prompt", "work", "maxAttempts", 2L));
        for (int lost = 1; lost < Endings.MOST_LOSSES; lost++) {
            lose(id, "c" + lost);
        }
        house.nack(house.lease("w").orElseThrow(), Map.of("error", "my own fault", "delayMs", 0L));
        await().until(() -> house.get(id).status().equals("queued"));
        lose(id, "last");

        TaskViews.Task dead = house.get(id);
        assertThat(dead.status()).isEqualTo("failed");
        assertThat(dead.error().orElseThrow().message())
                .contains("its worker's connection ended")
                .contains("10 workers were lost");
        assertThat(dead.attempts()).extracting(a -> a.status()).contains("lost", "failed");
        assertThat(dead.attempts()).hasSize(11);

        join(house.methods.retry(new Retry(Optional.of(id), false)));
        lose(id, "after");
        assertThat(house.get(id).status()).isEqualTo("queued");
    }

    private void lose(String id, String connection) {
        Caller gone = by(connection);
        assertThat(house.lease(Map.of("worker", "w"), gone)).hasSize(1);
        house.closed(gone);
        await().until(() -> !house.get(id).status().equals("leased"));
    }

    @Test
    void leavesNoLeaseWithAConnectionThatClosedWhileItWaited() {
        Caller gone = by("gone");
        CompletableFuture<?> waiting = house.workers
                .lease(new Lease("w", List.of("chat"), List.of(), 1, Optional.empty(), 20_000), gone)
                .toCompletableFuture();
        house.closed(gone);
        assertThat(waiting).succeedsWithin(Duration.ofMinutes(1));

        String id = house.enqueue("work");
        assertThat(house.lease("other").orElseThrow().taskId()).isEqualTo(id);
    }

    @Test
    void wakesAWorkerThatWaits() {
        var waiting = house.workers
                .lease(new Lease("w", List.of("chat"), List.of(), 1, Optional.empty(), 20_000), by("c"))
                .toCompletableFuture();
        assertThat(waiting).isNotDone();

        String id = house.enqueue("work");

        assertThat(waiting)
                .succeedsWithin(Duration.ofMinutes(1))
                .satisfies(leases -> assertThat(leases.tasks())
                        .singleElement()
                        .satisfies(task -> assertThat(task.taskId()).isEqualTo(id)));
    }

    @Test
    void triesAgainAfterAPauseAndBuriesWhatAlwaysFails() {
        String id = house.enqueue(Map.of("prompt", "work", "maxAttempts", 2L));

        house.nack(house.lease("w").orElseThrow(), Map.of("error", "boom", "delayMs", 8_000L));
        assertThat(house.get(id).status()).isEqualTo("queued");
        assertThat(house.lease("w")).as("it rests").isEmpty();
        Leased second =
                house.lease(Map.of("worker", "w", "waitMs", 25_000L), by("c")).get(0);
        house.nack(second, Map.of("error", "boom again"));

        TaskViews.Task dead = house.get(id);
        assertThat(dead.status()).isEqualTo("failed");
        assertThat(dead.error().orElseThrow().message()).isEqualTo("boom again");
        assertThat(dead.attempts()).extracting(a -> a.error().orElse("")).containsExactly("boom", "boom again");
        assertThat(house.stats().failed()).isEqualTo(1);

        join(house.methods.retry(new Retry(Optional.of(id), false)));
        Leased third = house.lease("w").orElseThrow();
        assertThat(third.attempt()).isEqualTo(3);
        assertThat(third.fence()).isGreaterThan(second.fence());
        house.ack(third, "at last");
        assertThat(house.get(id).status()).isEqualTo("done");
    }

    @Test
    void aWorkerThatGivesBackCostsNoTry() {
        String id = house.enqueue(Map.of("prompt", "work", "maxAttempts", 1L));

        house.nack(house.lease("w").orElseThrow(), Map.of("then", "release"));

        assertThat(house.get(id).status()).isEqualTo("queued");
        house.ack(house.lease("other").orElseThrow(), "ok");
        assertThat(house.get(id).attempts()).extracting(a -> a.status()).containsExactly("released", "done");
    }

    @Test
    void neverLeasesAPersonsTaskNorTheHubsOwn() {
        String human = house.enqueue(Map.of("prompt", "sign", "type", "human"));
        house.enqueue(Map.of("prompt", "mine", "autoRun", true));

        assertThat(house.lease("w")).isEmpty();
        assertThatThrownBy(() -> house.lease(Map.of("worker", "w", "types", List.of("human")), by("c")))
                .hasMessageContaining("never leased");
        join(house.methods.approve(new Approval(human, "yes")));
        assertThat(house.get(human).result()).contains("yes");
        assertThat(house.get(human).worker()).contains("human");
        assertThatThrownBy(() -> join(house.methods.approve(new Approval(human, "yes"))))
                .hasMessageContaining("is done");
    }

    @Test
    void givesTheHubsOwnTasksToItsAgent() throws Exception {
        CompletableFuture<Void> told = new CompletableFuture<>();
        String id = house.enqueue(Map.of("prompt", "mine", "autoRun", true, "model", "m"));
        try (AutoCloseable listening = house.tasks.onTakeable(() -> told.complete(null))) {
            assertThat(told).succeedsWithin(Duration.ofMinutes(1));
        }

        List<Leased> taken = house.room.sqlite.writeNow(tx -> house.tasks.take(tx, "agent", 5));

        assertThat(taken).singleElement().satisfies(task -> {
            assertThat(task.taskId()).isEqualTo(id);
            assertThat(task.model()).contains("m");
            assertThat(task.leasedUntil()).isEmpty();
        });
        boolean done = house.room.sqlite.writeNow(
                tx -> house.tasks.done(tx, id, taken.get(0).fence(), "ok"));
        assertThat(done).isTrue();
        assertThat(house.get(id).status()).isEqualTo("done");
    }

    @Test
    void handsOutCodeOnlyWhereTheHubAgrees() {
        house.enqueue(Map.of("prompt", "print(1)", "type", "python"));
        assertThatThrownBy(() -> house.lease(Map.of("worker", "w", "types", List.of("python")), by("c")))
                .isInstanceOfSatisfying(
                        KoshiException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.FORBIDDEN))
                .hasMessageContaining("tasks: { code: true }");

        house.room.configure(Map.of("tasks", Map.of("code", true)));
        assertThat(house.lease(Map.of("worker", "w", "types", List.of("python")), by("c")))
                .hasSize(1);
    }

    @Test
    void whatIsCancelledStaysSoWhateverItsWorkerBrings() {
        String id = house.enqueue("work");
        String after = house.enqueue(Map.of("prompt", "after", "dependsOn", List.of(id)));
        Leased leased = house.lease("w").orElseThrow();

        join(house.methods.cancel(new Cancel(id, "no more")));

        assertThatThrownBy(() -> house.ack(leased, "late")).hasMessageContaining("cancelled");
        assertThat(house.get(id).status()).isEqualTo("cancelled");
        assertThat(house.get(after).status()).isEqualTo("failed");
        assertThatThrownBy(() -> join(house.methods.cancel(new Cancel(id, "again"))))
                .hasMessageContaining("does not change");
        assertThatThrownBy(() -> join(house.methods.retry(new Retry(Optional.of(id), false))))
                .hasMessageContaining("only a failed one");
        assertThatThrownBy(() -> join(house.methods.retry(new Retry(Optional.of(after), false))))
                .hasMessageContaining("depends on");
        assertThat(house.stats().cancelled()).isEqualTo(1);
        assertThat(house.stats().leased()).isZero();
    }

    @Test
    void aRestartVoidsLeasesAndNoTokenOfBeforeWorks() {
        String young = house.enqueue("young");
        String old = house.enqueue("old");
        List<Leased> leased = house.lease(Map.of("worker", "w", "max", 2L), by("c"));
        await().until(() ->
                house.room.sqlite.read(tx -> tx.number("SELECT COUNT(*) FROM task WHERE status = 'leased'")) == 2);
        house.close();

        house = new TaskHouse(folder);

        await().until(() -> house.get(old).status().equals("queued"));
        assertThatThrownBy(() -> house.ack(leased.get(0), "late")).isInstanceOf(KoshiException.class);
        assertThat(house.get(young).attempts()).extracting(a -> a.status()).containsExactly("lost");
        Leased again = house.lease("w").orElseThrow();
        assertThat(again.fence()).isGreaterThan(leased.get(1).fence());
        assertThat(again.attempt()).isEqualTo(2);
    }

    @Test
    void keepsLongPromptsAndResultsBesideTheDatabase() {
        String prompt = "p".repeat(500_000);
        String result = "\u00e9".repeat(1_000_000);
        String id = house.enqueue(prompt);
        Leased leased = house.lease("w").orElseThrow();

        assertThat(leased.prompt()).isEqualTo(prompt);
        house.ack(leased, result);

        TaskViews.Task done = house.get(id);
        assertThat(done.prompt()).isEqualTo(prompt);
        assertThat(done.result()).isEmpty();
        StringBuilder read = new StringBuilder();
        Optional<Long> from = Optional.of(0L);
        while (from.isPresent()) {
            TaskMethods.Text piece =
                    house.methods.text(new TaskMethods.Piece(done.resultRef().orElseThrow(), from.get()));
            read.append(piece.text());
            from = piece.next();
        }
        assertThat(read.toString()).isEqualTo(result);
    }

    @Test
    void findsEveryTaskOfAQueueLongerThanWhatItKeepsInMemory() {
        int count = Ready.PAGE * 2 + 500;
        for (int done = 0; done < count; done += 500) {
            house.room.sqlite.writeNow(tx -> {
                for (int i = 0; i < 500; i++) {
                    house.tasks.enqueue(tx, io.koshi.task.Tasks.Order.chat("t", "p"));
                }
                return null;
            });
        }
        Set<String> seen = new HashSet<>();
        for (List<Leased> leased = house.lease(Map.of("worker", "w", "max", 700L), by("c"));
                !leased.isEmpty();
                leased = house.lease(Map.of("worker", "w", "max", 700L), by("c"))) {
            for (Leased each : leased) {
                assertThat(seen.add(each.taskId())).isTrue();
            }
        }
        assertThat(seen).hasSizeGreaterThanOrEqualTo(count).hasSize((count + 499) / 500 * 500);
    }

    @Test
    void countsWhatWasThereBeforeAndWhatCameMeanwhile() {
        for (int i = 0; i < 5; i++) {
            house.enqueue("t" + i);
        }
        house.ack(house.lease("w").orElseThrow(), "ok");
        house.lease("w");

        TaskMethods.Stats stats = house.stats();

        assertThat(stats.queued()).isEqualTo(3);
        assertThat(stats.leased()).isEqualTo(1);
        assertThat(stats.done()).isEqualTo(1);
        assertThat(stats.total()).isEqualTo(5);
        assertThat(stats.doneLastHour()).isEqualTo(1);
        house.ack(house.lease("w").orElseThrow(), "ok");
        house.enqueue(Map.of("prompt", "sign", "type", "human"));
        stats = house.stats();
        assertThat(List.of(stats.queued(), stats.leased(), stats.done(), stats.waiting(), stats.total()))
                .containsExactly(2L, 1L, 2L, 1L, 6L);
    }
}
