package io.koshi.memory.internal;

import java.util.List;

/** The tables of memories, version by version. */
final class MemoryTables {
    static final String INDEX = "memory";
    static final String ARCHIVE_INDEX = "memory_archive";

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
            """, """
            ALTER TABLE memory ADD COLUMN confidence REAL NOT NULL DEFAULT 0.7
            ;
            ALTER TABLE memory ADD COLUMN embedded INTEGER NOT NULL DEFAULT 0
            ;
            CREATE INDEX memory_unembedded ON memory (id) WHERE embedded = 0
            ;
            CREATE TABLE memory_archive (
              id INTEGER PRIMARY KEY,
              content TEXT NOT NULL,
              sameness TEXT NOT NULL UNIQUE,
              tags TEXT NOT NULL,
              source TEXT NOT NULL,
              tier TEXT NOT NULL,
              trust TEXT NOT NULL,
              score INTEGER NOT NULL,
              session TEXT,
              narrative_id INTEGER,
              task_id TEXT,
              created_at INTEGER NOT NULL,
              last_hit_at INTEGER,
              confidence REAL NOT NULL
            )
            ;
            CREATE TABLE memory_event (
              id INTEGER PRIMARY KEY AUTOINCREMENT,
              memory INTEGER NOT NULL,
              kind TEXT NOT NULL,
              detail TEXT,
              at INTEGER NOT NULL
            )
            ;
            CREATE INDEX memory_event_memory ON memory_event (memory, id)
            ;
            CREATE TABLE memory_vector (
              memory INTEGER PRIMARY KEY,
              model TEXT NOT NULL,
              bits BLOB NOT NULL,
              vector BLOB NOT NULL
            )
            ;
            CREATE INDEX memory_vector_model ON memory_vector (model)
            ;
            CREATE TABLE memory_quarantine (
              memory INTEGER PRIMARY KEY,
              reason TEXT NOT NULL,
              against INTEGER,
              state TEXT NOT NULL,
              at INTEGER NOT NULL
            )
            ;
            CREATE TABLE memory_sleep (
              id INTEGER PRIMARY KEY AUTOINCREMENT,
              event INTEGER NOT NULL,
              looked INTEGER NOT NULL,
              semantic INTEGER NOT NULL,
              core INTEGER NOT NULL,
              quarantined INTEGER NOT NULL,
              at INTEGER NOT NULL
            )
            """);

    private MemoryTables() {}
}
