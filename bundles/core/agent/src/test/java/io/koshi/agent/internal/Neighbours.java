package io.koshi.agent.internal;

import io.koshi.api.Address;
import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Part;
import io.koshi.api.Trust;
import io.koshi.buffer.Buffer;
import io.koshi.memory.Memories;
import io.koshi.model.ToolCall;
import io.koshi.model.ToolSpec;
import io.koshi.outbox.Outbox;
import io.koshi.skill.Skill;
import io.koshi.skill.Skills;
import io.koshi.store.Tx;
import io.koshi.tool.Tool;
import io.koshi.tool.Tool.Audience;
import io.koshi.tool.Tools;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** The rooms around a test's agent: what they were told inside a commit counts once it is on disk. */
final class Neighbours implements Outbox, Buffer, Memories {
    record Sent(Address to, String text, Optional<String> inReplyTo) {}

    /** What a tool does. */
    interface Body {
        String run(Map<String, Object> arguments) throws Exception;
    }

    final List<Sent> sent = new CopyOnWriteArrayList<>();
    final List<String> done = new CopyOnWriteArrayList<>();
    final List<String> rewritten = new CopyOnWriteArrayList<>();
    volatile Optional<Skills.Made> made = Optional.empty();
    final List<String> asked = new CopyOnWriteArrayList<>();
    final List<Tools.Run> calls = new CopyOnWriteArrayList<>();
    private final List<Memory> memories = new CopyOnWriteArrayList<>();
    volatile List<Memory> core = List.of();
    private final List<Skill> skills = new CopyOnWriteArrayList<>();
    private final Map<String, Tool> tools = new ConcurrentHashMap<>();

    /** A tool of the main agent. */
    void tool(String name, Body body) {
        tool(name, Audience.COORDINATOR, arguments -> Tool.Output.of(body.run(arguments)));
    }

    /** What a tool gives. */
    interface Giving {
        Tool.Output run(Map<String, Object> arguments) throws Exception;
    }

    void tool(String name, Audience audience, Giving body) {
        tool(new Tool() {
            @Override
            public ToolSpec spec() {
                return new ToolSpec(name, "Does " + name + ".", Map.of("type", "object"));
            }

            @Override
            public boolean readOnly() {
                return true;
            }

            @Override
            public Audience audience() {
                return audience;
            }

            @Override
            public Output run(Context context, Map<String, Object> arguments) throws Exception {
                return body.run(arguments);
            }
        });
    }

    void tool(Tool tool) {
        tools.put(tool.spec().name(), tool);
    }

    List<String> said() {
        return sent.stream().map(Sent::text).toList();
    }

    @Override
    public String enqueue(Tx tx, Address to, List<Part> parts, Optional<String> inReplyTo, Optional<String> runId) {
        Sent reply = new Sent(to, ((Part.Text) parts.get(0)).text(), inReplyTo);
        tx.afterCommit(() -> sent.add(reply));
        return "reply";
    }

    @Override
    public void doneIds(Tx tx, List<String> ids) {
        tx.afterCommit(() -> done.addAll(ids));
    }

    /** The tools a test has put here. */
    Tools tools() {
        return new Tools() {
            @Override
            public Optional<Tool> find(String name) {
                return Optional.ofNullable(tools.get(name));
            }

            @Override
            public List<Tool> list() {
                return List.copyOf(tools.values());
            }

            @Override
            public Outcome run(Run run, ToolCall call) throws InterruptedException {
                calls.add(run);
                Instant at = Instant.now();
                Tool.Output output;
                try {
                    output = find(call.name())
                            .filter(tool -> tool.audience() == run.audience()
                                    && run.offered().contains(call.name()))
                            .map(tool -> run(tool, run, call))
                            .orElse(Tool.Output.failed("Unknown tool: " + call.name()));
                } catch (CancellationException e) {
                    throw new InterruptedException();
                } catch (KoshiException denied) {
                    return new Outcome(denied.getMessage(), false, Trust.HIGH, at, Duration.ZERO, true);
                }
                return new Outcome(output.text(), output.ok(), output.trust(), at, Duration.ZERO);
            }

            private Tool.Output run(Tool tool, Run run, ToolCall call) {
                try {
                    return tool.run(
                            new Tool.Context(
                                    run.sessionKey(),
                                    run.runId(),
                                    call.callId(),
                                    run.skill(),
                                    Path.of("."),
                                    run.trust()),
                            call.arguments());
                } catch (InterruptedException e) {
                    throw new CancellationException();
                } catch (KoshiException e) {
                    if (e.code() == ErrorCode.FORBIDDEN) {
                        throw e;
                    }
                    return Tool.Output.failed(e.getMessage());
                } catch (Exception e) {
                    return Tool.Output.failed(e.getMessage());
                }
            }
        };
    }

    @Override
    public long store(Tx tx, Note note) {
        throw new UnsupportedOperationException();
    }

    /** All memories that have one of the words. */
    @Override
    public List<Memory> query(String words, int limit) {
        return memories.stream()
                .filter(memory -> List.of(words.split(" ")).stream().anyMatch(memory.content()::contains))
                .limit(limit)
                .toList();
    }

    void memory(String content, Trust trust) {
        memories.add(new Memory(
                memories.size() + 1L,
                content,
                List.of(),
                "chat",
                "episodic",
                trust,
                0,
                1,
                Instant.now(),
                Optional.empty(),
                1,
                false));
    }

    @Override
    public List<Memory> core() {
        return core;
    }

    void skill(String name, List<String> triggers, List<String> itsTools, Optional<String> model, String text) {
        skills.add(new Skill(name, "Does " + name + ".", triggers, itsTools, model, text, Skill.Source.FILE));
    }

    /** The skills a test has put here. */
    Skills skills() {
        return new Skills() {
            @Override
            public List<Skill> list() {
                return List.copyOf(skills);
            }

            @Override
            public Optional<Skill> find(String name) {
                return skills.stream()
                        .filter(skill -> skill.name().equals(name))
                        .findFirst();
            }

            @Override
            public Optional<Made> asked(String words) {
                asked.add(words);
                return made;
            }

            @Override
            public boolean rewrite(Skill made, String description, String text) {
                rewritten.add(made.name() + ": " + description + " | " + text);
                return true;
            }

            @Override
            public List<Skill> triggered(String words) {
                return skills.stream()
                        .filter(skill -> skill.triggers().stream().anyMatch(words::contains))
                        .limit(3)
                        .toList();
            }
        };
    }

    @Override
    public Stats stats() {
        return new Stats(0, 0);
    }

    @Override
    public AutoCloseable open(Sink sink) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void routed(Tx tx, List<Long> entries, String rule) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void done(Tx tx, List<Long> entries, Optional<String> rule) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void dropped(Tx tx, List<Long> entries, String rule, String reason) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void dead(Tx tx, List<String> ids, String stage, ErrorCode code, String message) {
        throw new UnsupportedOperationException();
    }
}
