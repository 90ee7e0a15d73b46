package io.koshi.memory.internal;

import java.util.List;

/** The tables of memories, version by version. */
final class MemoryTables {
    static final String INDEX = "memory";

    static final List<String> STEPS = List.of("""
            CREATE TABLE memory (
              id INTEGER PRIMARY KEY AUTOINCREMENT,
              content TEXT NOT NULL,
              sameness TEXT NOT NULL UNIQUE,
              tags TEXT NOT NULL,
              source TEXT NOT NULL,
              tier TEXT NOT NULL,
              trust TEXT NOT NULL,
              score INTEGER NOT NULL DEFAULT 0,
              session TEXT,
              narrative_id INTEGER,
              task_id TEXT,
              created_at INTEGER NOT NULL,
              last_hit_at INTEGER
            )
            ;
            CREATE INDEX memory_tier ON memory (tier, id)
            ;
            CREATE TABLE security_event (
              id INTEGER PRIMARY KEY AUTOINCREMENT,
              kind TEXT NOT NULL,
              source TEXT NOT NULL,
              detail TEXT NOT NULL,
              at INTEGER NOT NULL
            )
            """);

    private MemoryTables() {}
}
