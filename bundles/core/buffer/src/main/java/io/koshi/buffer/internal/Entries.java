package io.koshi.buffer.internal;

import io.koshi.api.Accepted;
import io.koshi.api.Address;
import io.koshi.api.Cursor;
import io.koshi.api.Entry;
import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Message;
import io.koshi.codec.RawObject;
import io.koshi.store.Row;
import io.koshi.store.Store;
import io.koshi.store.Tx;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.StringJoiner;

/** The rows of what was accepted: written once, read back by number or id. Thread-safe. */
final class Entries {
    private static final String COLUMNS =
            "m.entry, m.id, m.channel, m.conversation, m.external_id, m.priority, m.received_at";

    private final Store store;
    private final MessageForm form;
    private long next; // used on the store's writer alone

    Entries(Store store, MessageForm form) {
        this.store = store;
        this.form = form;
        store.migrate("buffer", Tables.STEPS);
        this.next = store.read(tx -> 1
                + tx.number("SELECT max((SELECT coalesce(max(entry), 0) FROM buffer_message),"
                        + " (SELECT coalesce(max(entry), 0) FROM buffer_state),"
                        + " (SELECT entry - 1 FROM buffer_mark))"));
    }

    /** What is to be written of a message. */
    record New(String id, Message message, MessageForm.Columns columns, Instant receivedAt) {}

    /** Writes a message unless its external id was seen before; says which entry it is or was. */
    Accepted insert(Tx tx, New one) {
        Message message = one.message();
        long entry = next++;
        int inserted = tx.update(
                "INSERT INTO buffer_message (entry, id, channel, conversation, external_id, priority, received_at,"
                        + " message, fields) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
                        + " ON CONFLICT (external_id, channel) WHERE external_id IS NOT NULL DO NOTHING",
                entry,
                one.id(),
                message.from().channel(),
                message.from().conversation(),
                message.externalId().orElse(null),
                message.priority(),
                one.receivedAt(),
                one.columns().message(),
                one.columns().fields());
        if (inserted == 1) {
            return new Accepted(one.id(), entry, false);
        }
        return tx.first(
                        "SELECT id, entry FROM buffer_message WHERE external_id = ? AND channel = ?",
                        row -> new Accepted(row.text("id"), row.number("entry"), true),
                        message.externalId(),
                        message.from().channel())
                .orElseThrow();
    }

    /** The number of the next entry; only for when nothing is being accepted. */
    long next() {
        return next;
    }

    void moveCursor(Tx tx, Cursor cursor) {
        tx.update(
                "INSERT INTO buffer_cursor VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
                cursor.channel(),
                cursor.name(),
                cursor.value());
    }

    Optional<String> cursor(String channel, String name) {
        return store.read(tx -> tx.first(
                "SELECT value FROM buffer_cursor WHERE channel = ? AND name = ?",
                row -> row.text("value"),
                channel,
                name));
    }

    /** Unrouted entries from a number on, in order, without their messages. */
    List<Item> unrouted(long from, int limit) {
        return store.read(tx -> tx.query(
                "SELECT " + COLUMNS + " FROM buffer_message m WHERE m.entry >= ?"
                        + " AND NOT EXISTS (SELECT 1 FROM buffer_state s WHERE s.entry = m.entry)"
                        + " ORDER BY m.entry LIMIT ?",
                row -> item(row, false),
                from,
                limit));
    }

    /** Entries that were redriven and not routed since. */
    List<Item> redriven() {
        return store.read(tx -> tx.query(
                "SELECT " + COLUMNS + " FROM buffer_state s JOIN buffer_message m ON m.entry = s.entry"
                        + " WHERE s.state = 'received' ORDER BY m.entry",
                row -> item(row, true)));
    }

    /** How many entries of each channel are unrouted between two numbers. */
    record Count(String channel, long entries) {}

    List<Count> count(long from, long to) {
        return store.read(tx -> tx.query(
                "SELECT m.channel, count(*) AS n FROM buffer_message m WHERE m.entry >= ? AND m.entry < ?"
                        + " AND NOT EXISTS (SELECT 1 FROM buffer_state s WHERE s.entry = m.entry) GROUP BY m.channel",
                row -> new Count(row.text("channel"), row.number("n")),
                from,
                to));
    }

    /** Of these entries those that are still to be routed. */
    List<Long> stillUnrouted(List<Item> items) {
        return store.read(tx -> tx.query(
                "SELECT m.entry FROM buffer_message m LEFT JOIN buffer_state s ON s.entry = m.entry"
                        + " WHERE m.entry IN (SELECT value FROM json_each(?)) AND coalesce(s.state, 'received') ="
                        + " 'received'",
                row -> row.number("entry"),
                json(items.stream().map(Item::entry).toList())));
    }

    /** An entry with its message; empty when it is no longer kept. */
    Optional<Entry> find(long entry) {
        return store.read(tx -> tx.first(
                "SELECT " + COLUMNS + ", m.message, m.fields FROM buffer_message m WHERE m.entry = ?",
                this::entry,
                entry));
    }

    /** As {@link #find(long)}, by the message's id. */
    Optional<Entry> find(String id) {
        return store.read(tx -> tx.first(
                "SELECT " + COLUMNS + ", m.message, m.fields FROM buffer_message m WHERE m.id = ?", this::entry, id));
    }

    /** The fields of an entry that has JSON text for them. */
    RawObject fields(long entry) {
        byte[] fields = store.read(tx -> tx.first(
                        "SELECT fields FROM buffer_message WHERE entry = ?", row -> row.bytes("fields"), entry))
                .orElseThrow(() ->
                        new KoshiException(ErrorCode.INTERNAL, "entry " + entry + " is gone from the buffer's table"));
        return form.json(fields);
    }

    long mark() {
        return store.read(tx -> tx.number("SELECT entry FROM buffer_mark"));
    }

    void mark(Tx tx, long entry) {
        tx.update("UPDATE buffer_mark SET entry = ?", entry);
    }

    /** A JSON array, for {@code json_each}: one statement for a whole list. */
    static String json(List<Long> numbers) {
        StringJoiner json = new StringJoiner(",", "[", "]");
        numbers.forEach(number -> json.add(Long.toString(number)));
        return json.toString();
    }

    static Item item(Row row, boolean again) {
        return new Item(
                row.number("entry"),
                row.text("id"),
                Address.of(row.text("channel"), row.text("conversation")),
                (int) row.number("priority"),
                row.number("received_at"),
                null,
                0,
                again);
    }

    private Entry entry(Row row) {
        Message message = form.read(
                Address.of(row.text("channel"), row.text("conversation")),
                row.optional("external_id"),
                (int) row.number("priority"),
                new MessageForm.Columns(row.bytes("message"), row.bytes("fields")));
        return new Entry(row.text("id"), row.number("entry"), message, row.instant("received_at"));
    }
}
