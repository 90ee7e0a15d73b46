package io.koshi.task.internal;

import java.util.List;

/** The tables of tasks, version by version. */
final class TaskTables {
    static final List<String> STEPS = List.of("""
            CREATE TABLE task (
              n INTEGER PRIMARY KEY AUTOINCREMENT,
              id TEXT NOT NULL UNIQUE,
              title TEXT,
              prompt TEXT NOT NULL,
              type TEXT NOT NULL,
              status TEXT NOT NULL,
              priority INTEGER NOT NULL,
              project TEXT,
              skill TEXT,
              request_id TEXT UNIQUE,
              max_attempts INTEGER NOT NULL,
              attempts INTEGER NOT NULL DEFAULT 0,
              fence INTEGER NOT NULL DEFAULT 0,
              worker TEXT,
              leased_until INTEGER,
              next_at INTEGER,
              result TEXT,
              result_ref TEXT,
              error_code TEXT,
              error TEXT,
              created_at INTEGER NOT NULL,
              updated_at INTEGER NOT NULL
            )
            ;
            CREATE INDEX task_queue ON task (priority, n) WHERE status = 'queued'
            ;
            CREATE INDEX task_leased ON task (leased_until) WHERE status = 'leased'
            ;
            CREATE INDEX task_project ON task (project, n) WHERE project IS NOT NULL
            ;
            CREATE INDEX task_status ON task (status, n)
            ;
            CREATE TABLE task_needs (
              task INTEGER NOT NULL,
              needs INTEGER NOT NULL,
              PRIMARY KEY (task, needs)
            )
            ;
            CREATE INDEX task_needed ON task_needs (needs)
            ;
            CREATE TABLE task_attempt (
              task INTEGER NOT NULL,
              n INTEGER NOT NULL,
              worker TEXT NOT NULL,
              leased_at INTEGER NOT NULL,
              ended_at INTEGER,
              status TEXT NOT NULL,
              error TEXT,
              PRIMARY KEY (task, n)
            )
            ;
            CREATE TABLE task_source (
              task INTEGER NOT NULL,
              message TEXT NOT NULL,
              PRIMARY KEY (task, message)
            )
            ;
            CREATE INDEX task_of_message ON task_source (message)
            """, """
            ALTER TABLE task ADD COLUMN auto_run INTEGER NOT NULL DEFAULT 0
            ;
            ALTER TABLE task ADD COLUMN model TEXT
            ;
            ALTER TABLE task ADD COLUMN system_prompt TEXT
            ;
            ALTER TABLE task ADD COLUMN context TEXT
            """);

    private TaskTables() {}
}
