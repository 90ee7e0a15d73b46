package io.koshi.session.internal;

import java.util.List;

/** The tables of sessions and their lines, version by version. */
final class SessionTables {
    static final String INDEX = "line";
    static final String NARRATIVE_INDEX = "narrative";

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
            """, """
            ALTER TABLE line ADD COLUMN tokens INTEGER NOT NULL DEFAULT 0
            ;
            UPDATE line SET tokens = (length(content) + 3) / 4
            ;
            ALTER TABLE session ADD COLUMN tokens INTEGER NOT NULL DEFAULT 0
            ;
            UPDATE session SET tokens =
              (SELECT COALESCE(SUM(line.tokens), 0) FROM line WHERE line.session = session.id)
            ;
            ALTER TABLE session ADD COLUMN kind TEXT NOT NULL DEFAULT 'chat'
            ;
            ALTER TABLE session ADD COLUMN metadata TEXT
            ;
            ALTER TABLE session ADD COLUMN begun_after INTEGER NOT NULL DEFAULT 0
            ;
            CREATE TABLE narrative (
              id INTEGER PRIMARY KEY AUTOINCREMENT,
              session TEXT NOT NULL,
              kind TEXT NOT NULL,
              topic TEXT,
              summary TEXT NOT NULL,
              memory_ids TEXT NOT NULL,
              previous INTEGER,
              until_line INTEGER,
              at INTEGER NOT NULL
            )
            ;
            CREATE INDEX narrative_session ON narrative (session, id)
            ;
            CREATE INDEX narrative_previous ON narrative (previous) WHERE previous IS NOT NULL
            """, """
            ALTER TABLE line ADD COLUMN trust TEXT
            """);

    private SessionTables() {}
}
