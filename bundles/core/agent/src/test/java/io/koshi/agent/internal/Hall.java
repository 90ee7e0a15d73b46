package io.koshi.agent.internal;

import io.koshi.agent.Agent.Ask;
import io.koshi.api.Address;
import io.koshi.api.Message;
import io.koshi.api.Trust;
import io.koshi.session.Sessions.Line;
import io.koshi.session.internal.Transcripts;
import io.koshi.store.Store;
import io.koshi.store.internal.FileBlobs;
import io.koshi.task.internal.TaskQueue;
import io.koshi.testkit.TestPools;
import io.koshi.testkit.room.Room;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.awaitility.Awaitility;

/** An agent room on a real store, with real sessions and tasks, in a folder; made anew, it is a restart. */
final class Hall implements AutoCloseable {
    static final Address CHAT = Address.of("chat", "ann");

    /** Gives a model that is not here up soon. */
    static final Pace QUICK = pace(Duration.ofMillis(400));

    /** Waits for a model that is not here for as long as any test takes. */
    static final Pace PATIENT = pace(Duration.ofMinutes(10));

    final Room room;
    final TestPools pools;
    final Neighbours around = new Neighbours();
    final ModelTable models = new ModelTable();
    final ScriptedModel main = new ScriptedModel();
    final Transcripts sessions;
    final TaskQueue tasks;
    final SkillShelf skills = new SkillShelf();
    final Map<String, Map<String, Object>> desk = new HashMap<>();
    final TurnRoom agent;
    final Spawning spawning;
    private boolean dead;

    Hall(Path folder) {
        this(folder, Map.of(), store -> store);
    }

    Hall(Path folder, Map<String, Object> yaml, UnaryOperator<Store> wrap) {
        this(folder, yaml, wrap, PATIENT, hall -> hall.models.put("main", hall.main));
    }

    /** @param ready run when all stands but no model is here yet, so that no turn can have begun */
    Hall(Path folder, Map<String, Object> yaml, UnaryOperator<Store> wrap, Pace pace, Consumer<Hall> ready) {
        room = new Room(folder);
        pools = room.pools;
        configure(yaml);
        sessions = new Transcripts(room.sqlite, room, room, room.codec);
        tasks = new TaskQueue(room.sqlite, blobs(room), room, room, pools, room.codec);
        skills.put(around.skills());
        agent = new TurnRoom(
                wrap.apply(room.sqlite),
                room.codec,
                room,
                room,
                pools,
                sessions,
                around,
                around,
                tasks,
                around.tools(),
                around,
                blobs(room),
                models,
                skills,
                new UsageBook(room.sqlite, room),
                pace);
        spawning = new Spawning(agent, room.sqlite, tasks, room, skills, models, new TaskDesk(desk), room.codec);
        around.tool(new SpawnTool(spawning, agent));
        around.tool(new ListAgentsTool(agent));
        ready.accept(this);
    }

    private static Pace pace(Duration absence) {
        return new Pace(
                new Ladder(() -> 0, Duration.ofMillis(10)), absence, Duration.ofMillis(200), Duration.ofMillis(10));
    }

    FileBlobs blobs() {
        return blobs(room);
    }

    private static FileBlobs blobs(Room room) {
        try {
            return new FileBlobs(room);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As koshi.yaml, with a model main and a model spare. */
    void configure(Map<String, Object> yaml) {
        Map<String, Object> all = new HashMap<>(Map.of(
                "models", Map.of("main", Map.of("plugin", "x"), "spare", Map.of("plugin", "x")),
                "agent", Map.of("model", "main")));
        all.putAll(yaml);
        room.configure(all);
    }

    /** Asks as a person in a conversation. */
    String ask(String conversation, String prompt, String... messageIds) {
        return ask(asks(conversation, prompt, messageIds));
    }

    Ask asks(String conversation, String prompt, String... messageIds) {
        return new Ask(
                "chat:" + conversation,
                Optional.of(Address.of("chat", conversation)),
                List.of(messageIds),
                prompt,
                List.of(),
                Optional.empty(),
                Optional.empty(),
                Message.PERSON,
                Trust.HIGH);
    }

    /** Asks; the room knows of it when this returns. */
    String ask(Ask ask) {
        String run = room.sqlite.writeNow(tx -> agent.enqueue(tx, ask));
        room.quiet();
        return run;
    }

    /** The payload of a run's end, once it has come and all that follows its commit has followed. */
    @SuppressWarnings("unchecked")
    Map<String, Object> ended(String runId) {
        Map<String, Object> end = Awaitility.await()
                .until(
                        () -> room.events.stream()
                                .filter(e -> e.topic().equals("run.completed"))
                                .map(e -> (Map<String, Object>) room.codec.toData(e.payload()))
                                .filter(p -> p.get("runId").equals(runId))
                                .findFirst(),
                        Optional::isPresent)
                .orElseThrow();
        room.quiet();
        return end;
    }

    /** Topics of a run's events, in order. */
    List<String> story(String runId) {
        return payloads("run.*", runId).stream()
                .map(p -> String.valueOf(p.get("topic")))
                .toList();
    }

    /** Payloads of a run's events, each with its topic; {@code run.*} for all. */
    @SuppressWarnings("unchecked")
    List<Map<String, Object>> payloads(String topic, String runId) {
        return room.events.stream()
                .filter(e -> topic.equals("run.*")
                        ? e.topic().startsWith("run.")
                        : e.topic().equals(topic))
                .map(e -> {
                    Map<String, Object> payload = new HashMap<>((Map<String, Object>) room.codec.toData(e.payload()));
                    payload.put("topic", e.topic());
                    return payload;
                })
                .filter(p -> p.get("runId").equals(runId))
                .toList();
    }

    /** Payloads of all events of a topic. */
    @SuppressWarnings("unchecked")
    List<Map<String, Object>> payloadsOf(String topic) {
        room.quiet();
        return room.events.stream()
                .filter(e -> e.topic().equals(topic))
                .map(e -> (Map<String, Object>) room.codec.toData(e.payload()))
                .toList();
    }

    List<String> transcript(String key) {
        return sessions.history(key, 100).stream()
                .map(line -> line.role().name().toLowerCase() + ": " + line.content())
                .toList();
    }

    List<Line> lines(String key) {
        return sessions.history(key, 100);
    }

    String state(String runId) {
        return agent.turns().one(runId).orElseThrow().status();
    }

    void until(java.util.concurrent.Callable<Boolean> condition) {
        Awaitility.await().until(condition);
    }

    /** Ends as by kill -9: nothing more is written. */
    void kill() {
        dead = true;
        room.sqlite.close();
        pools.close();
    }

    @Override
    public void close() {
        if (!dead) {
            agent.close();
            room.close();
        }
    }
}
