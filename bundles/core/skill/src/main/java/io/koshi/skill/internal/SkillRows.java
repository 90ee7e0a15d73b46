package io.koshi.skill.internal;

import io.koshi.codec.Codec;
import io.koshi.skill.Skill;
import io.koshi.store.Row;
import io.koshi.store.Store;
import io.koshi.store.Tx;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Skills in the database. All of them are also in memory, as every turn asks for them. Thread-safe. */
final class SkillRows {
    static final int MOST = 500;

    private final Store store;
    private final Codec codec;
    private Map<String, Skill> cached;

    SkillRows(Store store, Codec codec) {
        this.store = store;
        this.codec = codec;
    }

    synchronized Map<String, Skill> all() {
        if (cached == null) {
            Map<String, Skill> read = new TreeMap<>();
            store.read(tx -> tx.query("SELECT * FROM skill", this::skill))
                    .forEach(skill -> read.put(skill.name(), skill));
            cached = read;
        }
        return cached;
    }

    /** @return false when there is one of that name */
    boolean add(Skill skill, String madeBy) {
        return change(tx -> add(tx, skill, madeBy));
    }

    boolean add(Tx tx, Skill skill, String madeBy) {
        Instant now = Instant.now();
        return tx.update(
                        "INSERT INTO skill (name, description, triggers, tools, model, body, made_by, created_at, updated_at)"
                                + " SELECT ?, ?, ?, ?, ?, ?, ?, ?, ? WHERE (SELECT COUNT(*) FROM skill) < " + MOST
                                + " ON CONFLICT (name) DO NOTHING",
                        skill.name(),
                        skill.description(),
                        json(skill.triggers()),
                        json(skill.tools()),
                        skill.model(),
                        skill.text(),
                        madeBy,
                        now,
                        now)
                == 1;
    }

    boolean replace(Skill skill) {
        return change(tx -> tx.update(
                        "UPDATE skill SET description = ?, triggers = ?, tools = ?, model = ?, body = ?, updated_at = ?"
                                + " WHERE name = ?",
                        skill.description(),
                        json(skill.triggers()),
                        json(skill.tools()),
                        skill.model(),
                        skill.text(),
                        Instant.now(),
                        skill.name())
                == 1);
    }

    /** False when the skill is no longer as it was made. */
    boolean replace(Skill made, Skill better) {
        return change(tx -> tx.update(
                        "UPDATE skill SET description = ?, body = ?, updated_at = ? WHERE name = ? AND body = ?"
                                + " AND description = ?",
                        better.description(),
                        better.text(),
                        Instant.now(),
                        made.name(),
                        made.text(),
                        made.description())
                == 1);
    }

    boolean remove(String name) {
        return change(tx -> tx.update("DELETE FROM skill WHERE name = ?", name) == 1);
    }

    /** How many the hub has made by itself. */
    static long madeByItself(Tx tx) {
        return tx.number("SELECT COUNT(*) FROM skill WHERE made_by = ?", Repetition.MADE_BY);
    }

    private boolean change(Store.Work<Boolean> work) {
        boolean changed = store.writeNow(work);
        forget();
        return changed;
    }

    /** The database has changed: look again. */
    synchronized void forget() {
        cached = null;
    }

    private Skill skill(Row row) {
        return new Skill(
                row.text("name"),
                row.text("description"),
                list(row.text("triggers")),
                list(row.text("tools")),
                Optional.ofNullable(row.text("model")),
                row.text("body"),
                Skill.Source.DATABASE);
    }

    private String json(List<String> list) {
        return new String(codec.json(list), StandardCharsets.UTF_8);
    }

    private List<String> list(String json) {
        return ((List<?>) codec.parseJson(json.getBytes(StandardCharsets.UTF_8)))
                .stream().map(String::valueOf).toList();
    }
}
