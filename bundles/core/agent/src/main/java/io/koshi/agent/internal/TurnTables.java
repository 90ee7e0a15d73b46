package io.koshi.agent.internal;

import io.koshi.store.Store;
import java.util.List;

/** The tables of turns, version by version. */
final class TurnTables {
    static final List<String> STEPS = List.of("""
            CREATE TABLE turn (
              n INTEGER PRIMARY KEY AUTOINCREMENT,
              run_id TEXT NOT NULL UNIQUE,
              session TEXT NOT NULL,
              channel TEXT,
              conversation TEXT,
              prompt TEXT NOT NULL,
              parts TEXT,
              model TEXT,
              task_id TEXT,
              task_fence INTEGER,
              parent_run_id TEXT,
              priority INTEGER NOT NULL,
              trust TEXT NOT NULL,
              state TEXT NOT NULL,
              attempt INTEGER NOT NULL,
              step INTEGER NOT NULL,
              tries INTEGER NOT NULL,
              next_at INTEGER NOT NULL,
              used_model TEXT,
              error_code TEXT,
              error TEXT,
              input_tokens INTEGER NOT NULL DEFAULT 0,
              output_tokens INTEGER NOT NULL DEFAULT 0,
              cache_read_tokens INTEGER NOT NULL DEFAULT 0,
              cache_write_tokens INTEGER NOT NULL DEFAULT 0,
              created_at INTEGER NOT NULL,
              started_at INTEGER,
              ended_at INTEGER
            )
            ;
            CREATE INDEX turn_open ON turn (session, n, state) WHERE state IN ('queued', 'running')
            ;
            CREATE UNIQUE INDEX turn_owner ON turn (session) WHERE state = 'running'
            ;
            CREATE INDEX turn_ended ON turn (ended_at) WHERE ended_at IS NOT NULL
            ;
            CREATE INDEX turn_task ON turn (task_id) WHERE task_id IS NOT NULL
            ;
            CREATE TABLE turn_message (
              turn INTEGER NOT NULL,
              n INTEGER NOT NULL,
              message TEXT NOT NULL,
              PRIMARY KEY (turn, n)
            )
            ;
            CREATE INDEX turn_of_message ON turn_message (message)
            ;
            CREATE TABLE turn_failure (
              turn INTEGER NOT NULL,
              attempt INTEGER NOT NULL,
              code TEXT NOT NULL,
              error TEXT NOT NULL,
              at INTEGER NOT NULL,
              PRIMARY KEY (turn, attempt)
            )
            ;
            CREATE TABLE turn_call (
              turn INTEGER NOT NULL,
              n INTEGER NOT NULL,
              call_id TEXT NOT NULL,
              name TEXT NOT NULL,
              ok INTEGER NOT NULL,
              at INTEGER NOT NULL,
              ms INTEGER NOT NULL,
              PRIMARY KEY (turn, n)
            )
            """, """
            ALTER TABLE turn ADD COLUMN kind TEXT NOT NULL DEFAULT 'main'
            ;
            UPDATE turn SET kind = 'worker' WHERE session LIKE 'spawn:%'
            ;
            ALTER TABLE turn ADD COLUMN skill TEXT
            ;
            ALTER TABLE turn ADD COLUMN system TEXT
            ;
            ALTER TABLE turn ADD COLUMN employer TEXT
            ;
            ALTER TABLE turn ADD COLUMN employer_channel TEXT
            ;
            ALTER TABLE turn ADD COLUMN employer_conversation TEXT
            ;
            ALTER TABLE turn ADD COLUMN joined INTEGER
            ;
            ALTER TABLE turn ADD COLUMN interrupted INTEGER NOT NULL DEFAULT 0
            ;
            CREATE TABLE agent_result (
              id INTEGER PRIMARY KEY AUTOINCREMENT,
              run_id TEXT NOT NULL UNIQUE,
              task_id TEXT,
              session TEXT,
              skill TEXT,
              title TEXT NOT NULL,
              status TEXT NOT NULL,
              output TEXT NOT NULL,
              error_code TEXT,
              error TEXT,
              at INTEGER NOT NULL,
              processed_by TEXT
            )
            ;
            CREATE INDEX agent_result_waiting ON agent_result (session, id) WHERE processed_by IS NULL
            ;
            CREATE INDEX agent_result_task ON agent_result (task_id) WHERE task_id IS NOT NULL
            ;
            CREATE TABLE token_usage (
              id INTEGER PRIMARY KEY,
              run_id TEXT NOT NULL,
              session TEXT NOT NULL,
              skill TEXT,
              model TEXT NOT NULL,
              input_tokens INTEGER NOT NULL,
              output_tokens INTEGER NOT NULL,
              cache_read_tokens INTEGER NOT NULL,
              cache_write_tokens INTEGER NOT NULL,
              cost REAL,
              at INTEGER NOT NULL
            )
            ;
            CREATE INDEX token_usage_at ON token_usage (at)
            ;
            CREATE TABLE agent_registered (
              id TEXT PRIMARY KEY,
              profile TEXT,
              capabilities TEXT NOT NULL,
              at INTEGER NOT NULL
            )
            """, """
            ALTER TABLE token_usage ADD COLUMN purpose TEXT NOT NULL DEFAULT 'answer'
            """);

    private TurnTables() {}

    /** Brings the tables up to date. */
    static void migrate(Store store) {
        store.migrate("agent", STEPS);
    }
}
