package io.koshi.buffer.internal;

import io.koshi.hub.Traced;
import io.koshi.store.Row;
import io.koshi.store.Store;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/** The buffer's part of a message's trace: received, batched, routed, dead. Thread-safe. */
@Component(name = "io.koshi.buffer.trail", service = Traced.class, configurationPolicy = ConfigurationPolicy.IGNORE)
public final class BufferTrail implements Traced {
    private final Store store;

    /** @param inbox has made the tables */
    @Activate
    public BufferTrail(@Reference Store store, @Reference DurableInbox inbox) {
        this.store = store;
    }

    @Override
    public List<String> resolve(String ref) {
        return store.read(tx -> tx.query(
                "SELECT id FROM buffer_message WHERE id = ?1 UNION SELECT id FROM buffer_message WHERE external_id = ?1",
                row -> row.text("id"),
                ref));
    }

    @Override
    public List<Hop> hops(String messageId) {
        return store
                .<List<List<Hop>>>read(tx -> tx.query(
                        "SELECT m.entry, m.channel, m.conversation, m.priority, m.external_id, m.received_at, s.state,"
                                + " s.attempts, s.batched_at, s.routed_at, s.ended_at, s.rule, s.reason, s.stage, s.code"
                                + " FROM buffer_message m LEFT JOIN buffer_state s ON s.entry = m.entry WHERE m.id = ?",
                        BufferTrail::hops,
                        messageId))
                .stream()
                .flatMap(List::stream)
                .toList();
    }

    private static List<Hop> hops(Row row) {
        List<Hop> hops = new ArrayList<>();
        String entry = Long.toString(row.number("entry"));
        Instant received = row.instant("received_at");
        hops.add(new Hop(
                received,
                "received",
                entry,
                1,
                0,
                row.text("channel") + ":" + row.text("conversation") + ", priority " + row.number("priority")
                        + row.optional("external_id")
                                .map(id -> ", external id " + id)
                                .orElse("")));
        Instant batched = row.instant("batched_at");
        if (batched != null) {
            hops.add(new Hop(batched, "batched", entry, 1, millis(received, batched), ""));
        }
        Instant routed = row.instant("routed_at");
        if (routed != null) {
            hops.add(new Hop(
                    routed,
                    "routed",
                    row.optional("rule").orElse(""),
                    1,
                    millis(batched == null ? received : batched, routed),
                    outcome(row)));
        }
        if ("dead".equals(row.text("state"))) {
            hops.add(new Hop(
                    row.instant("ended_at"),
                    "dead",
                    row.text("stage"),
                    (int) row.number("attempts"),
                    0,
                    row.text("code") + ": " + row.text("reason")));
        }
        return hops;
    }

    private static String outcome(Row row) {
        String state = row.text("state");
        return "dropped".equals(state) ? "dropped: " + row.text("reason") : state;
    }

    private static long millis(Instant from, Instant to) {
        return Math.max(0, to.toEpochMilli() - from.toEpochMilli());
    }
}
