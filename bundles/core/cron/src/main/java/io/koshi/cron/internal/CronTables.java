package io.koshi.cron.internal;

import java.util.List;

/** The tables of jobs and their runs, version by version. */
final class CronTables {
    static final List<String> STEPS = List.of("""
            CREATE TABLE cron_job (
              n INTEGER PRIMARY KEY AUTOINCREMENT,
              id TEXT NOT NULL UNIQUE,
              name TEXT NOT NULL,
              origin TEXT NOT NULL,
              trust TEXT NOT NULL,
              spec TEXT NOT NULL,
              zone TEXT NOT NULL,
              state TEXT NOT NULL,
              since INTEGER NOT NULL,
              last_slot INTEGER NOT NULL,
              created_at INTEGER NOT NULL,
              updated_at INTEGER NOT NULL
            )
            ;
            CREATE UNIQUE INDEX cron_job_name ON cron_job (name, origin) WHERE state = 'active'
            ;
            CREATE INDEX cron_job_state ON cron_job (state, n)
            ;
            CREATE TABLE cron_run (
              n INTEGER PRIMARY KEY AUTOINCREMENT,
              job INTEGER NOT NULL,
              slot INTEGER NOT NULL,
              state TEXT NOT NULL,
              reason TEXT,
              task_id TEXT,
              run_id TEXT,
              session TEXT,
              error TEXT,
              claimed_at INTEGER NOT NULL,
              ended_at INTEGER,
              UNIQUE (job, slot)
            )
            ;
            CREATE INDEX cron_run_open ON cron_run (state, n) WHERE state IN ('running', 'queued')
            """);

    private CronTables() {}
}
