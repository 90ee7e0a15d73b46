package io.koshi.tool.internal;

import java.util.List;

/** The table of approvals, version by version. */
final class ApprovalTables {
    static final List<String> STEPS = List.of("""
            CREATE TABLE approval (
              id TEXT PRIMARY KEY,
              person TEXT NOT NULL,
              run_id TEXT NOT NULL,
              tool TEXT NOT NULL,
              arguments TEXT NOT NULL,
              bound TEXT NOT NULL,
              hash TEXT NOT NULL,
              reason TEXT NOT NULL,
              anew INTEGER NOT NULL,
              state TEXT NOT NULL,
              remembered INTEGER NOT NULL DEFAULT 0,
              decided_by TEXT,
              created_at INTEGER NOT NULL,
              expires_at INTEGER NOT NULL,
              decided_at INTEGER
            )
            ;
            CREATE INDEX approval_open ON approval (created_at) WHERE state = 'pending'
            ;
            CREATE INDEX approval_remembered ON approval (hash) WHERE remembered = 1
            ;
            CREATE INDEX approval_run ON approval (run_id, hash)
            ;
            CREATE INDEX approval_age ON approval (created_at)
            """, """
            ALTER TABLE approval ADD COLUMN used INTEGER NOT NULL DEFAULT 1
            """);

    private ApprovalTables() {}
}
