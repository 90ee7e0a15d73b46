package io.koshi.skill.internal;

import java.util.List;

/** The tables of skills, version by version. */
final class SkillTables {
    static final List<String> STEPS = List.of("""
            CREATE TABLE skill (
              name TEXT PRIMARY KEY,
              description TEXT NOT NULL,
              triggers TEXT NOT NULL,
              tools TEXT NOT NULL,
              model TEXT,
              body TEXT NOT NULL,
              made_by TEXT NOT NULL,
              created_at INTEGER NOT NULL,
              updated_at INTEGER NOT NULL
            )
            ;
            CREATE TABLE skill_seed (name TEXT PRIMARY KEY)
            ;
            CREATE TABLE skill_request (
              n INTEGER PRIMARY KEY AUTOINCREMENT,
              words TEXT NOT NULL,
              asked TEXT NOT NULL,
              at INTEGER NOT NULL
            )
            """);

    private SkillTables() {}
}
