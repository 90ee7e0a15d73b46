package io.koshi.buffer.internal;

import java.util.List;

/**
 * The buffer's tables. A message is written once into {@code buffer_message} and never changed. An entry
 * without a row in {@code buffer_state} is received and not routed yet; {@code buffer_mark} holds a number
 * below which there is no such entry, so that a start need not look through what was kept for the record.
 */
final class Tables {
    private Tables() {}

    static final List<String> STEPS = List.of("""
            CREATE TABLE buffer_message (
                entry INTEGER PRIMARY KEY,
                id TEXT NOT NULL,
                channel TEXT NOT NULL,
                conversation TEXT NOT NULL,
                external_id TEXT,
                priority INTEGER NOT NULL,
                received_at INTEGER NOT NULL,
                message BLOB NOT NULL,
                fields BLOB)
            ;
            CREATE UNIQUE INDEX buffer_message_id ON buffer_message (id)
            ;
            CREATE UNIQUE INDEX buffer_message_external ON buffer_message (external_id, channel)
                WHERE external_id IS NOT NULL
            ;
            CREATE TABLE buffer_state (
                entry INTEGER PRIMARY KEY,
                state TEXT NOT NULL,
                attempts INTEGER NOT NULL DEFAULT 0,
                batched_at INTEGER,
                routed_at INTEGER,
                ended_at INTEGER,
                rule TEXT,
                reason TEXT,
                stage TEXT,
                code TEXT)
            ;
            CREATE INDEX buffer_state_open ON buffer_state (state, entry)
                WHERE state IN ('received', 'routed', 'dead')
            ;
            CREATE TABLE buffer_cursor (
                channel TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL,
                PRIMARY KEY (channel, name)) WITHOUT ROWID
            ;
            CREATE TABLE buffer_mark (one INTEGER PRIMARY KEY CHECK (one = 1), entry INTEGER NOT NULL)
            ;
            INSERT INTO buffer_mark VALUES (1, 1)
            """);
}
