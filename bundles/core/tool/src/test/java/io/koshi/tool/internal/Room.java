package io.koshi.tool.internal;

import static org.awaitility.Awaitility.await;

import io.koshi.api.Address;
import io.koshi.api.Channel;
import io.koshi.api.Part;
import io.koshi.api.Receipt;
import io.koshi.channel.Channels;
import io.koshi.outbox.Outbox;
import io.koshi.session.Sessions;
import io.koshi.store.Tx;
import io.koshi.tool.Approvals;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** A real store in a folder, settings that a test writes, events and replies it can read. */
final class Room extends io.koshi.testkit.room.Room implements Outbox, Channels, Sessions {
    final ToolTable table = new ToolTable();
    final List<String> said = new CopyOnWriteArrayList<>();
    final ApprovalDesk desk;
    final GuardedTools tools;

    Room(Path folder) {
        super(folder);
        this.desk = new ApprovalDesk(sqlite, this, this, this, this, this, codec, pools);
        this.tools = new GuardedTools(table, this, desk, pools);
    }

    /** What another hub over the same rows has. */
    record Next(ApprovalDesk desk, GuardedTools tools) {}

    Next next() {
        ApprovalDesk later = new ApprovalDesk(sqlite, this, this, this, this, this, codec, pools);
        return new Next(later, new GuardedTools(table, this, later, pools));
    }

    /** An event of another room. */
    void tell(String topic, Object payload) {
        publish("agent", topic, payload);
    }

    /** The newest request, when there is one that waits. */
    Approvals.Pending asked() {
        await().until(() -> !desk.pending().isEmpty());
        List<Approvals.Pending> pending = desk.pending();
        return pending.get(pending.size() - 1);
    }

    @Override
    public String redact(String text) {
        return text.replace("s3cret", "****");
    }

    @Override
    public String enqueue(Tx tx, Address to, List<Part> parts, Optional<String> inReplyTo, Optional<String> runId) {
        tx.afterCommit(() -> said.add(to + " " + ((Part.Text) parts.get(0)).text()));
        return "reply";
    }

    @Override
    public Stats stats() {
        return new Stats(0, 0);
    }

    /** The chat and the console are channels, and nothing else is. */
    @Override
    public Optional<Channel> find(String name) {
        return Set.of("chat", "console").contains(name) ? Optional.of(reply -> Receipt.of("1")) : Optional.empty();
    }

    @Override
    public List<Info> list() {
        return List.of();
    }

    @Override
    public AutoCloseable onChange(Consumer<String> listener) {
        return () -> {};
    }

    @Override
    public String keyOf(Address from, String sender) {
        return from.toString();
    }

    @Override
    public String open(Tx tx, Address from, String sender) {
        return keyOf(from, sender);
    }

    @Override
    public Optional<Address> address(String sessionKey) {
        int colon = sessionKey.indexOf(':');
        return Optional.of(Address.of(sessionKey.substring(0, colon), sessionKey.substring(colon + 1)));
    }

    @Override
    public String append(Tx tx, String key, Role role, String content, List<Part> parts, Optional<String> runId) {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<Line> history(String sessionKey, int newest) {
        return List.of();
    }

    @Override
    public List<Found> search(String query, int limit) {
        return List.of();
    }

    @Override
    public Past past(String sessionKey, int newest) {
        return new Past(Optional.empty(), Optional.empty(), List.of());
    }

    @Override
    public void sumUp(Tx tx, String sessionKey, String lastLine, String summary) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void narrate(Tx tx, String sessionKey, String sentence) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void clear(Tx tx, String sessionKey) {
        throw new UnsupportedOperationException();
    }
}
