package io.koshi.cron.internal;

import io.koshi.agent.Agent;
import io.koshi.api.Address;
import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Part;
import io.koshi.api.Ulid;
import io.koshi.outbox.Outbox;
import io.koshi.rpc.Caller;
import io.koshi.rpc.MethodInfo;
import io.koshi.rpc.Registry;
import io.koshi.store.Tx;
import io.koshi.store.internal.FileBlobs;
import io.koshi.task.internal.TaskQueue;
import io.koshi.testkit.room.Room;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;

/** A cron room on a real store with real tasks, whose clock a test turns; made anew on a folder, it is a restart. */
final class House implements Agent, Outbox, Registry, InstantSource, AutoCloseable {
    static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");

    record Said(Address to, String text) {}

    /** Payload of the agent's event, as far as it counts here. */
    record Completed(String runId, String response, String status, Optional<Map<String, Object>> error) {}

    final Room room;
    final TaskQueue tasks;
    final List<Said> said = new CopyOnWriteArrayList<>();
    final Map<String, Ask> asked = new ConcurrentHashMap<>();
    final Map<String, Long> fences = new ConcurrentHashMap<>();
    final Map<String, String> runs = new ConcurrentHashMap<>();
    volatile Optional<KoshiException> trouble = Optional.empty();
    volatile Instant now;
    CronRoom cron;
    Register register;

    House(Path folder, Instant now, Map<String, Object> yaml) {
        this.now = now;
        room = new Room(folder);
        room.configure(yaml);
        tasks = new TaskQueue(room.sqlite, blobs(room), room, room, room.pools, room.codec);
        start();
    }

    private static FileBlobs blobs(Room room) {
        try {
            return new FileBlobs(room);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As the hub starts it. */
    void start() {
        cron = new CronRoom(room.sqlite, room.codec, room, room, room.pools, this, tasks, this, this, this);
        register = new Register(cron);
        cron.ticker().close(); // its own timer would come in between
        cron.begin();
        settle();
    }

    /** Turns the clock and has what is due started; what was asked for before is through first. */
    void at(String time) {
        quiet();
        now = Instant.parse(time);
        settle();
    }

    /** What was added is on the agenda when what follows its commit has followed. */
    private void settle() {
        room.quiet();
        cron.ticker().tick();
        quiet();
    }

    /** Jobs that were added are on the agenda after their commit, and the room's own looks go on beside the test's. */
    private void quiet() {
        room.quiet();
        Awaitility.await().until(() -> cron.ticker().idle());
        room.quiet();
    }

    List<String> slots(String job) {
        return register.show(job, 100).runs().stream()
                .map(run -> run.slot() + " " + run.status())
                .sorted()
                .toList();
    }

    void complete(String runId, String response, String status) {
        runs.put(runId, status);
        room.publish("agent", "run.completed", new Completed(runId, response, status, Optional.empty()));
    }

    List<String> texts() {
        return said.stream().map(Said::text).toList();
    }

    @Override
    public String enqueue(Tx tx, Ask ask) {
        trouble.ifPresent(e -> {
            throw e;
        });
        String runId = Ulid.next();
        ask.taskId()
                .ifPresent(task ->
                        fences.put(task, tasks.lease(tx, task, "run:" + runId).orElseThrow()));
        tx.afterCommit(() -> {
            asked.put(runId, ask);
            runs.put(runId, "running");
        });
        return runId;
    }

    @Override
    public boolean abort(String runId) {
        throw new UnsupportedOperationException();
    }

    @Override
    public String enqueue(Tx tx, Address to, List<Part> parts, Optional<String> inReplyTo, Optional<String> runId) {
        Said reply = new Said(to, ((Part.Text) parts.get(0)).text());
        tx.afterCommit(() -> said.add(reply));
        return "reply";
    }

    @Override
    public Stats stats() {
        return new Stats(0, 0);
    }

    @Override
    public Object ask(Caller caller, String method, Map<String, Object> params) {
        return switch (method) {
            case "task.get" ->
                room.sqlite
                        .read(tx -> tx.first(
                                "SELECT status FROM task WHERE id = ?",
                                row -> Map.<String, Object>of("status", row.text("status")),
                                params.get("taskId")))
                        .orElseThrow(() -> KoshiException.notFound("no task"));
            case "agent.status" -> status(params);
            case "session.history" ->
                Map.of(
                        "messages",
                        List.of(Map.of("role", "assistant", "runId", lastRun(), "content", "after the fact")));
            default -> throw new KoshiException(ErrorCode.NO_HANDLER, method);
        };
    }

    private String lastRun() {
        return runs.keySet().iterator().next();
    }

    private Map<String, Object> status(Map<String, Object> params) {
        List<Map<String, Object>> found = new ArrayList<>();
        runs.forEach((id, status) -> {
            boolean open =
                    status.equals("running") && asked.get(id).sessionKey().equals(params.get("sessionKey"));
            if (open || id.equals(params.get("runId"))) {
                found.add(Map.of("runId", id, "status", status));
            }
        });
        return Map.of("runs", found);
    }

    @Override
    public CompletionStage<Object> call(Caller caller, String method, Map<String, Object> params, Duration deadline) {
        return CompletableFuture.completedFuture(ask(caller, method, params));
    }

    @Override
    public List<MethodInfo> methods() {
        return List.of();
    }

    @Override
    public Optional<MethodInfo> find(String method) {
        return Optional.empty();
    }

    @Override
    public Instant instant() {
        return now;
    }

    @Override
    public void close() throws Exception {
        cron.close();
        room.close();
    }
}
