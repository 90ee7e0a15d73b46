package io.koshi.session.internal;

import java.util.List;

/** The tables of sessions and their lines, version by version. */
final class SessionTables {
    static final String INDEX = "line";

    static final List<String> STEPS = List.of("""
            CREATE TABLE session (
              id INTEGER PRIMARY KEY,
              key TEXT NOT NULL UNIQUE,
              channel TEXT,
              conversation TEXT,
              sender TEXT,
              lines INTEGER NOT NULL DEFAULT 0,
              created_at INTEGER NOT NULL,
              updated_at INTEGER NOT NULL
            )
            ;
            CREATE INDEX session_updated ON session (updated_at, id)
            ;
            CREATE TABLE line (
              n INTEGER PRIMARY KEY AUTOINCREMENT,
              id TEXT NOT NULL UNIQUE,
              session INTEGER NOT NULL,
              role TEXT NOT NULL,
              content TEXT NOT NULL,
              parts TEXT,
              run_id TEXT,
              at INTEGER NOT NULL
            )
            ;
            CREATE INDEX line_session ON line (session, n)
            """);

    private SessionTables() {}
}
