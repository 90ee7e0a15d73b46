package io.koshi.buffer.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.event.Events;
import io.koshi.store.Store;
import io.koshi.store.Tx;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Entries that could not be dealt with: kept until a person redrives them. Thread-safe. */
final class DeadLetters {
    private static final int REDRIVEN_AT_ONCE = 500;
    private static final Logger LOG = LoggerFactory.getLogger(DeadLetters.class);

    private static final String SELECT =
            "SELECT m.entry, m.id, m.channel, m.conversation, m.priority, m.received_at FROM buffer_message m";

    private final Store store;
    private final States states;
    private final Events events;
    private final Consumer<Item> redriven;
    private final AtomicLong count;

    /** @param redriven is given what is to be routed again, after the commit */
    DeadLetters(Store store, States states, Events events, Consumer<Item> redriven) {
        this.store = store;
        this.states = states;
        this.events = events;
        this.redriven = redriven;
        this.count =
                new AtomicLong(store.read(tx -> tx.number("SELECT count(*) FROM buffer_state WHERE state = 'dead'")));
    }

    /** What went wrong. */
    record Fault(String code, String message) {}

    /** One dead letter. */
    record Letter(
            String id,
            long entry,
            String channel,
            String conversation,
            String stage,
            Fault error,
            long attempts,
            Instant at) {}

    /** Payload of {@code message.failed}. */
    record Failed(
            String id, String channel, String conversation, String stage, Fault error, int attempt, boolean final_) {}

    long count() {
        return count.get();
    }

    /** Makes dead letters of entries that could not be routed; false when that could not be written. */
    boolean bury(List<Item> items, KoshiException why, int tries) {
        try {
            store.writeNow(tx -> {
                for (Item item : items) {
                    bury(tx, item, "route", why.code(), why.getMessage(), tries);
                }
                return null;
            });
            LOG.error(
                    "{} messages from {} could not be routed ({}) and are dead letters; see 'koshi buffer dead'",
                    items.size(),
                    items.get(0).from().channel(),
                    why.getMessage());
            return true;
        } catch (KoshiException e) {
            LOG.error("Dead letters could not be written and are tried again: {}", e.getMessage());
            return false;
        }
    }

    /** Makes a dead letter of the message with this id, if it is kept. */
    void bury(Tx tx, String id, String stage, ErrorCode code, String message) {
        tx.first(SELECT + " WHERE m.id = ?", row -> Entries.item(row, false), id)
                .ifPresent(item -> bury(tx, item, stage, code, message, 1));
    }

    /** Dead letters after an entry's number, in order. */
    List<Letter> list(long after, int limit) {
        return store.read(tx -> tx.query(
                "SELECT m.entry, m.id, m.channel, m.conversation, s.stage, s.code, s.reason, s.attempts, s.ended_at"
                        + " FROM buffer_state s JOIN buffer_message m ON m.entry = s.entry"
                        + " WHERE s.state = 'dead' AND s.entry > ? ORDER BY s.entry LIMIT ?",
                row -> new Letter(
                        row.text("id"),
                        row.number("entry"),
                        row.text("channel"),
                        row.text("conversation"),
                        row.text("stage"),
                        new Fault(row.text("code"), row.text("reason")),
                        row.number("attempts"),
                        row.instant("ended_at")),
                after,
                limit));
    }

    /** Sends these dead letters back to be routed, all there are when empty; returns how many. */
    long redrive(Optional<List<String>> ids) {
        if (ids.isPresent()) {
            return store.<Integer>writeNow(tx -> {
                int done = 0;
                for (String id : ids.get()) {
                    Optional<Item> item = tx.first(SELECT + " WHERE m.id = ?", row -> Entries.item(row, true), id);
                    done += item.isPresent() && redrive(tx, item.get()) ? 1 : 0;
                }
                return done;
            });
        }
        long all = 0;
        long after = 0;
        while (true) {
            long from = after;
            List<Item> some = store.writeNow(tx -> redriveSome(tx, from));
            if (some.isEmpty()) {
                return all;
            }
            all += some.size();
            after = some.get(some.size() - 1).entry();
        }
    }

    private List<Item> redriveSome(Tx tx, long after) {
        List<Item> some = tx.query(
                SELECT + " JOIN buffer_state s ON s.entry = m.entry WHERE s.state = 'dead' AND s.entry > ?"
                        + " ORDER BY s.entry LIMIT ?",
                row -> Entries.item(row, true),
                after,
                REDRIVEN_AT_ONCE);
        some.forEach(item -> redrive(tx, item));
        return some;
    }

    private boolean redrive(Tx tx, Item item) {
        boolean was = states.redrive(tx, item.entry());
        if (was) {
            tx.afterCommit(() -> {
                count.decrementAndGet();
                redriven.accept(item);
            });
        }
        return was;
    }

    private void bury(Tx tx, Item item, String stage, ErrorCode code, String message, int tries) {
        if (states.dead(tx, item.entry(), stage, code, message, tries)) {
            tx.afterCommit(() -> {
                count.incrementAndGet();
                events.publish(
                        "buffer",
                        "message.failed",
                        new Failed(
                                item.id(),
                                item.from().channel(),
                                item.from().conversation(),
                                stage,
                                new Fault(code.name(), message),
                                tries,
                                true));
            });
        }
    }
}
