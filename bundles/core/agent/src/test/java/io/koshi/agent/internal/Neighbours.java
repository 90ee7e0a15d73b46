package io.koshi.agent.internal;

import io.koshi.api.Address;
import io.koshi.api.ErrorCode;
import io.koshi.api.Part;
import io.koshi.buffer.Buffer;
import io.koshi.model.ToolCall;
import io.koshi.model.ToolSpec;
import io.koshi.outbox.Outbox;
import io.koshi.store.Tx;
import io.koshi.tool.Tool;
import io.koshi.tool.Tools;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** The rooms around a test's agent: what they were told inside a commit counts once it is on disk. */
final class Neighbours implements Outbox, Buffer {
    record Sent(Address to, String text, Optional<String> inReplyTo) {}

    /** What a tool does. */
    interface Body {
        String run(Map<String, Object> arguments) throws Exception;
    }

    final List<Sent> sent = new CopyOnWriteArrayList<>();
    final List<String> done = new CopyOnWriteArrayList<>();
    private final Map<String, Tool> tools = new ConcurrentHashMap<>();

    void tool(String name, boolean readOnly, Body body) {
        tools.put(name, new Tool() {
            @Override
            public ToolSpec spec() {
                return new ToolSpec(name, "Does " + name + ".", Map.of("type", "object"));
            }

            @Override
            public boolean readOnly() {
                return readOnly;
            }

            @Override
            public Output run(Context context, Map<String, Object> arguments) throws Exception {
                return Output.of(body.run(arguments));
            }
        });
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
            public Outcome run(Run run, ToolCall call) {
                throw new UnsupportedOperationException();
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
