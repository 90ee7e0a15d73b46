package io.koshi.task.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.koshi.api.Address;
import io.koshi.api.Batch;
import io.koshi.api.Entry;
import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Message;
import io.koshi.store.internal.FileBlobs;
import io.koshi.task.internal.TaskMethods.Enqueue;
import io.koshi.task.internal.TaskMethods.Enqueued;
import io.koshi.task.internal.TaskMethods.Id;
import io.koshi.task.internal.TaskMethods.Query;
import io.koshi.task.internal.TaskViews.Status;
import io.koshi.testkit.room.Room;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TaskQueueTest {
    @TempDir
    Path folder;

    private Room room;
    private TaskQueue tasks;
    private TaskMethods methods;

    @BeforeEach
    void open() throws Exception {
        room = new Room(folder);
        tasks = new TaskQueue(room.sqlite, new FileBlobs(room), room, room, room.pools, room.codec);
        methods = new TaskMethods(tasks, room.sqlite, room.pools);
    }

    @AfterEach
    void close() {
        room.close();
    }

    @Test
    void queuesATaskAndShowsItInFull() {
        String id = task("sweep").taskId();

        Map<String, Object> shown = data(methods.get(new Id(id)));

        assertThat(shown)
                .containsEntry("taskId", id)
                .containsEntry("prompt", "sweep")
                .containsEntry("type", "chat")
                .containsEntry("status", "queued")
                .containsEntry("fence", 0L)
                .containsEntry("attempts", List.of())
                .containsKeys("priority", "dependsOn", "createdAt", "updatedAt")
                .doesNotContainKeys("title", "leasedUntil", "result", "error");
        assertThat(room.topics()).containsExactly("task.queued");
    }

    @Test
    void givesTheFirstTaskBackForTheSameRequest() {
        Enqueued first = order("sweep", "chat", List.of(), Optional.of("r1"));
        Enqueued again = order("sweep", "chat", List.of(), Optional.of("r1"));

        assertThat(again).isEqualTo(new Enqueued(first.taskId(), 1, "queued", true));
        assertThat(methods.stats().toCompletableFuture().join().queued()).isEqualTo(1);
        assertThat(room.topics()).hasSize(1);
    }

    @Test
    void waitsForAPersonAndForOtherTasks() {
        String first = task("first").taskId();

        assertThat(order("sign", "human", List.of(), Optional.empty()).status()).isEqualTo("waiting");
        assertThat(order("second", "chat", List.of(first), Optional.empty()).status())
                .isEqualTo("blocked");
        assertThat(room.topics()).containsExactly("task.queued", "task.waiting", "task.blocked");
    }

    @Test
    void refusesWhatCannotEverRun() {
        assertThat(refusal(() -> order("x", "chat", List.of("nobody"), Optional.empty())))
                .hasMessageContaining("nobody");
        assertThat(refusal(() -> order("x", "dance", List.of(), Optional.empty())))
                .hasMessageContaining("/type");
        assertThat(refusal(() -> order("  ", "chat", List.of(), Optional.empty())))
                .hasMessageContaining("/prompt");
        String failed = task("fails").taskId();
        fail(failed, lease(failed));
        assertThat(refusal(() -> order("x", "chat", List.of(failed), Optional.empty())))
                .hasMessageContaining("failed already");
        assertThat(refusal(() -> order("x".repeat(50_000_000), "chat", List.of(), Optional.empty()))
                        .code())
                .isEqualTo(ErrorCode.TOO_LARGE);
    }

    @Test
    void leasesATaskToOneWorkerUnderANewToken() {
        String id = task("work").taskId();

        assertThat(lease(id)).isEqualTo(1L << 32 | 1);
        assertThat(room.sqlite.<Optional<Long>>writeNow(tx -> tasks.lease(tx, id, "late")))
                .isEmpty();
        TaskViews.Task leased = methods.get(new Id(id));
        assertThat(leased.status()).isEqualTo("leased");
        assertThat(leased.attempts()).extracting(a -> a.worker()).containsExactly("w");
    }

    @Test
    void endsATaskOnceAndForTheHolderOfTheNewestTokenOnly() {
        String id = task("work").taskId();
        long fence = lease(id);

        assertThat(done(id, fence + 1)).isFalse();
        assertThat(done(id, fence)).isTrue();
        assertThat(done(id, fence)).isFalse();
        assertThat(fail(id, fence)).isFalse();
        TaskViews.Task ended = methods.get(new Id(id));
        assertThat(ended.status()).isEqualTo("done");
        assertThat(ended.result()).contains("result");
        assertThat(ended.attempts()).extracting(a -> a.status()).containsExactly("done");
    }

    @Test
    void letsThoseGoOnThatWaitedForTheLastOfTheirTasks() {
        String a = task("a").taskId();
        String b = task("b").taskId();
        String both = order("both", "chat", List.of(a, b, a), Optional.empty()).taskId();
        String person = order("sign", "human", List.of(a), Optional.empty()).taskId();

        done(a, lease(a));
        assertThat(methods.get(new Id(both)).status()).isEqualTo("blocked");
        assertThat(methods.get(new Id(person)).status()).isEqualTo("waiting");
        done(b, lease(b));
        assertThat(methods.get(new Id(both)).status()).isEqualTo("queued");
        assertThat(methods.get(new Id(both)).dependsOn()).containsExactly(a, b);
    }

    @Test
    void failsAllThatDependOnAFailedTask() {
        String a = task("a").taskId();
        String b = order("b", "chat", List.of(a), Optional.empty()).taskId();
        String c = order("c", "chat", List.of(b), Optional.empty()).taskId();

        fail(a, lease(a));

        assertThat(methods.get(new Id(c)).status()).isEqualTo("failed");
        assertThat(methods.get(new Id(c)).error().orElseThrow().message()).contains(a);
        assertThat(room.topics()).endsWith("task.failed", "task.failed", "task.failed");
    }

    @Test
    void listsTheNewestFirstByStatusAndPage() {
        List<String> ids =
                List.of(task("1").taskId(), task("2").taskId(), task("3").taskId());
        lease(ids.get(1));

        var page = methods.list(new Query(Optional.empty(), Optional.empty(), 2, Optional.empty(), false));
        assertThat(page.tasks()).extracting(t -> t.taskId()).containsExactly(ids.get(2), ids.get(1));
        assertThat(methods.list(new Query(Optional.empty(), Optional.empty(), 2, page.next(), false))
                        .tasks())
                .extracting(t -> t.taskId())
                .containsExactly(ids.get(0));
        assertThat(methods.list(new Query(Optional.of(Status.LEASED), Optional.empty(), 9, Optional.empty(), false))
                        .tasks())
                .hasSize(1);
    }

    @Test
    void makesATaskOfABatchByRule() {
        TaskAction action = new TaskAction(tasks, room.codec);
        Address from = Address.of("github", "o/r#1");
        Batch batch = new Batch(
                "b",
                from,
                List.of(
                        new Entry("m1", 1, Message.of(from, "look at this"), Instant.now()),
                        new Entry("m2", 2, Message.of(from, "and this"), Instant.now())));

        assertThat(action.check(Map.of("title", "Review", "priority", 10L))).isEmpty();
        assertThat(action.check(Map.of("titel", "Review"))).isNotEmpty();
        assertThat(action.check(Map.of("title", "x", "type", "dance"))).isNotEmpty();
        room.sqlite.writeNow(tx ->
                action.apply(tx, batch, Map.of("title", "Review", "project", "p", "priority", 10L, "skill", "review")));

        TaskViews.Task made = methods.get(
                new Id(methods.list(new Query(Optional.empty(), Optional.of("p"), 9, Optional.empty(), false))
                        .tasks()
                        .get(0)
                        .taskId()));
        assertThat(made.prompt()).isEqualTo("look at this\nand this");
        assertThat(made.skill()).contains("review");
        assertThat(made.priority()).isEqualTo(10);
        assertThat(tasks.resolve(made.taskId())).containsExactly("m1", "m2");
        assertThat(tasks.hops("m2"))
                .singleElement()
                .satisfies(hop -> assertThat(hop.ref()).isEqualTo(made.taskId()));
    }

    private Enqueued task(String prompt) {
        return order(prompt, "chat", List.of(), Optional.empty());
    }

    private Enqueued order(String prompt, String type, List<String> needs, Optional<String> request) {
        return methods.enqueue(new Enqueue(
                        Optional.empty(),
                        prompt,
                        type,
                        100,
                        Optional.empty(),
                        Optional.empty(),
                        needs,
                        request,
                        false,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty()))
                .toCompletableFuture()
                .join();
    }

    private long lease(String id) {
        return room.sqlite.writeNow(tx -> tasks.lease(tx, id, "w")).orElseThrow();
    }

    private boolean done(String id, long fence) {
        return room.sqlite.writeNow(tx -> tasks.done(tx, id, fence, "result"));
    }

    private boolean fail(String id, long fence) {
        return room.sqlite.writeNow(tx -> tasks.failed(tx, id, fence, ErrorCode.TIMEOUT, "too slow"));
    }

    private static KoshiException refusal(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        Throwable thrown = catchThrowable(call);
        return (KoshiException) (thrown instanceof CompletionException ? thrown.getCause() : thrown);
    }

    @SuppressWarnings("unchecked")
    private Map<String, Object> data(Object record) {
        return (Map<String, Object>) room.codec.toData(record);
    }
}
