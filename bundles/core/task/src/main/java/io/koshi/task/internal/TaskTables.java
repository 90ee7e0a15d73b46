package io.koshi.task.internal;

import java.util.List;

/**
 * The tables of tasks, version by version.
 *
 * <p>A task that is only a short prompt, done at the first try with a short result, is one row of {@code task}: {@code
 * short_prompt} stands for its row in {@code task_body}, and {@code short_result} with {@code first_at}, when the try
 * began, for its row in {@code task_attempt}. So making it and ending it write one page each.
 */
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
            DROP INDEX task_queue
            ;
            DROP INDEX task_leased
            ;
            DROP INDEX task_project
            ;
            DROP INDEX task_status
            ;
            ALTER TABLE task RENAME TO task_1
            ;
            ALTER TABLE task_attempt RENAME TO task_attempt_1
            ;
            CREATE TABLE task (
              n INTEGER PRIMARY KEY,
              id TEXT NOT NULL,
              status TEXT NOT NULL,
              type TEXT NOT NULL,
              priority INTEGER NOT NULL,
              auto_run INTEGER NOT NULL,
              title TEXT,
              project TEXT,
              request_id TEXT,
              split INTEGER,
              max_attempts INTEGER NOT NULL,
              attempts INTEGER NOT NULL DEFAULT 0,
              failures INTEGER NOT NULL DEFAULT 0,
              fence INTEGER NOT NULL DEFAULT 0,
              worker TEXT,
              leased_until INTEGER,
              next_at INTEGER,
              error_code TEXT,
              error TEXT,
              created_at INTEGER NOT NULL,
              updated_at INTEGER NOT NULL
            )
            ;
            CREATE TABLE task_body (
              task INTEGER PRIMARY KEY,
              prompt TEXT,
              prompt_ref TEXT,
              skill TEXT,
              model TEXT,
              system_prompt TEXT,
              context TEXT,
              input_ref TEXT,
              trust TEXT NOT NULL DEFAULT 'medium'
            )
            ;
            CREATE TABLE task_attempt (
              task INTEGER NOT NULL,
              n INTEGER NOT NULL,
              worker TEXT NOT NULL,
              leased_at INTEGER NOT NULL,
              ended_at INTEGER,
              status TEXT NOT NULL,
              error TEXT,
              result TEXT,
              result_ref TEXT,
              PRIMARY KEY (task, n)
            ) WITHOUT ROWID
            ;
            CREATE TABLE task_split (
              task INTEGER PRIMARY KEY,
              splitter INTEGER,
              prompt TEXT NOT NULL,
              kind TEXT NOT NULL,
              skill TEXT,
              model TEXT,
              system_prompt TEXT,
              batch INTEGER NOT NULL,
              policy TEXT NOT NULL,
              threshold REAL NOT NULL,
              rest TEXT NOT NULL DEFAULT '',
              closed INTEGER NOT NULL DEFAULT 0,
              gathered INTEGER NOT NULL DEFAULT 0,
              items INTEGER NOT NULL DEFAULT 0,
              batches INTEGER NOT NULL DEFAULT 0,
              done INTEGER NOT NULL DEFAULT 0,
              failed INTEGER NOT NULL DEFAULT 0
            )
            ;
            CREATE TABLE task_epoch (epoch INTEGER NOT NULL, old INTEGER NOT NULL)
            ;
            INSERT INTO task_epoch SELECT 0, COALESCE(MAX(n), 0) FROM task_1
            ;
            INSERT INTO task SELECT n, id, status, type, priority, 0, title, project, request_id, NULL, max_attempts,
              attempts, 0, fence, worker, leased_until, next_at, error_code, error, created_at, updated_at FROM task_1
            ;
            INSERT INTO task_body SELECT n, prompt, NULL, skill, NULL, NULL, NULL, NULL, 'medium' FROM task_1
            ;
            INSERT INTO task_attempt SELECT a.task, a.n, a.worker, a.leased_at, a.ended_at, a.status, a.error,
              CASE WHEN a.status = 'done' THEN t.result END, NULL FROM task_attempt_1 a JOIN task_1 t ON t.n = a.task
            ;
            DROP TABLE task_attempt_1
            ;
            DROP TABLE task_1
            ;
            CREATE UNIQUE INDEX task_request ON task (request_id) WHERE request_id IS NOT NULL
            ;
            CREATE INDEX task_queue ON task (auto_run, type, priority, n) WHERE status = 'queued'
            ;
            CREATE INDEX task_rest ON task (status, n)
              WHERE status IN ('blocked', 'waiting', 'leased', 'failed', 'cancelled')
            ;
            CREATE INDEX task_project ON task (project, n) WHERE project IS NOT NULL
            ;
            CREATE INDEX task_of_split ON task (split, n) WHERE split IS NOT NULL
            ;
            CREATE INDEX task_later ON task (next_at) WHERE next_at IS NOT NULL
            """, """
            ALTER TABLE task ADD COLUMN unsorted INTEGER NOT NULL DEFAULT 0
            ;
            ALTER TABLE task ADD COLUMN short_prompt TEXT
            ;
            ALTER TABLE task ADD COLUMN short_result TEXT
            ;
            ALTER TABLE task ADD COLUMN first_at INTEGER
            ;
            ALTER TABLE task_epoch ADD COLUMN sorted INTEGER NOT NULL DEFAULT 0
            ;
            UPDATE task_epoch SET sorted = COALESCE((SELECT MAX(n) FROM task), 0)
            ;
            DROP INDEX task_queue
            ;
            CREATE INDEX task_queue ON task (auto_run, type, priority, n) WHERE status = 'queued' AND unsorted = 0
            """, """
            ALTER TABLE task ADD COLUMN losses INTEGER NOT NULL DEFAULT 0
            ;
            ALTER TABLE task ADD COLUMN only_model TEXT
            ;
            UPDATE task SET only_model = (SELECT model FROM task_body WHERE task = n)
              WHERE n IN (SELECT task FROM task_body WHERE model IS NOT NULL) AND auto_run = 0 AND type = 'chat'
            ;
            DROP INDEX task_queue
            ;
            CREATE INDEX task_queue ON task (auto_run, type, only_model, priority, n)
              WHERE status = 'queued' AND unsorted = 0
            """);

    private TaskTables() {}
}
