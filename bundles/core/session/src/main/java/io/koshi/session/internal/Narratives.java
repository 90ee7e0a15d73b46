package io.koshi.session.internal;

import io.koshi.session.Sessions.Narrative;
import io.koshi.store.Row;
import io.koshi.store.Store;
import io.koshi.store.TextIndex;
import io.koshi.store.Tx;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/**
 * What each session was about, as a chain of narratives: sentences the hub adds after each exchange, what an agent tells
 * itself, and summaries that stand for lines. Thread-safe.
 */
final class Narratives {
    /** Characters after which sentences begin a new narrative. */
    static final int ROLLING = 800;

    /** Longest narrative, in characters. */
    static final int MAX = 8000;

    private static final int FOUND = 5;

    private final Store store;
    private final TextIndex words;

    Narratives(Store store) {
        this.store = store;
        this.words = store.textIndex(SessionTables.NARRATIVE_INDEX);
    }

    /** A summary and the row of the last line it stands for. */
    record Summary(String text, long untilLine) {}

    /** How a narrative came about. */
    private enum Kind {
        ROLLING,
        TOLD,
        SUMMARY
    }

    /** The newest narrative of a session, and with {@code after} only one that is newer than that. */
    Optional<Narrative> newest(Tx tx, String session, long after) {
        return tx.first(
                "SELECT * FROM narrative WHERE session = ? AND id > ? ORDER BY id DESC LIMIT 1",
                Narratives::narrative,
                session,
                after);
    }

    /** What stands for a session's older lines. */
    Optional<Summary> summary(Tx tx, String session, long after) {
        return tx.first(
                "SELECT summary, until_line FROM narrative WHERE session = ? AND id > ? AND until_line IS NOT NULL"
                        + " ORDER BY id DESC LIMIT 1",
                row -> new Summary(row.text("summary"), row.number("until_line")),
                session,
                after);
    }

    /** Adds a sentence to the newest narrative where that is made of sentences and has room, else begins one. */
    void add(Tx tx, String session, String sentence, long after) {
        record Last(long id, String summary) {}
        Optional<Last> open = tx.first(
                        "SELECT id, kind, summary FROM narrative WHERE session = ? AND id > ? ORDER BY id DESC LIMIT 1",
                        row -> row.text("kind").equals("rolling")
                                ? new Last(row.number("id"), row.text("summary"))
                                : new Last(0, ""),
                        session,
                        after)
                .filter(last -> last.id() > 0)
                .filter(last -> last.summary().length() + sentence.length() < ROLLING);
        if (open.isEmpty()) {
            insert(tx, session, Kind.ROLLING, Optional.empty(), sentence, List.of(), OptionalLong.empty());
            return;
        }
        String longer = open.get().summary() + " " + sentence;
        tx.update(
                "UPDATE narrative SET summary = ?, at = ? WHERE id = ?",
                longer,
                Instant.now(),
                open.get().id());
        words.put(tx, open.get().id(), longer);
    }

    /** Adds a summary that stands for the lines up to a row. */
    void sumUp(Tx tx, String session, String summary, long untilLine) {
        insert(tx, session, Kind.SUMMARY, Optional.empty(), cut(summary), List.of(), OptionalLong.of(untilLine));
    }

    /** Adds a narrative in an agent's own words; returns its number. */
    long tell(String session, Optional<String> topic, String summary, List<Long> memoryIds) {
        return store.writeNow(
                tx -> insert(tx, session, Kind.TOLD, topic, cut(summary), memoryIds, OptionalLong.empty()));
    }

    private long insert(
            Tx tx,
            String session,
            Kind kind,
            Optional<String> topic,
            String summary,
            List<Long> memoryIds,
            OptionalLong untilLine) {
        long id = tx.insert(
                "INSERT INTO narrative (session, kind, topic, summary, memory_ids, previous, until_line, at)"
                        + " VALUES (?, ?, ?, ?, ?, (SELECT MAX(id) FROM narrative WHERE session = ?), ?, ?)",
                session,
                kind,
                topic,
                summary,
                memoryIds.stream().map(String::valueOf).collect(Collectors.joining(" ")),
                session,
                untilLine.isPresent() ? untilLine.getAsLong() : null,
                Instant.now());
        words.put(tx, id, topic.map(about -> about + " ").orElse("") + summary);
        return id;
    }

    /**
     * The newest one without a query; by its number, with those that go on from it, where the query is one; else those
     * that a person's words fit best.
     *
     * @param session only its narratives, where given
     */
    List<Narrative> search(Optional<String> session, Optional<String> query) {
        String asked = query.map(String::strip).orElse("").replaceFirst("^#", "");
        return store.read(tx -> {
            if (asked.isEmpty()) {
                return tx.query(
                        "SELECT * FROM narrative WHERE ? IS NULL OR session = ? ORDER BY id DESC LIMIT 1",
                        Narratives::narrative,
                        session,
                        session);
            }
            return asked.matches("[0-9]{1,18}")
                    ? forward(tx, Long.parseLong(asked), session)
                    : fitting(tx, asked, session);
        });
    }

    private static List<Narrative> forward(Tx tx, long id, Optional<String> session) {
        List<Narrative> walk = new ArrayList<>();
        Optional<Narrative> next = tx.first(
                "SELECT * FROM narrative WHERE id = ? AND (? IS NULL OR session = ?)",
                Narratives::narrative,
                id,
                session,
                session);
        while (next.isPresent() && walk.size() < FOUND) {
            walk.add(next.get());
            next = tx.first(
                    "SELECT * FROM narrative WHERE previous = ? ORDER BY id LIMIT 1",
                    Narratives::narrative,
                    next.get().id());
        }
        return walk;
    }

    private List<Narrative> fitting(Tx tx, String asked, Optional<String> session) {
        List<Narrative> found = new ArrayList<>();
        for (TextIndex.Hit hit : words.search(tx, asked, session.isPresent() ? 100 : FOUND)) {
            tx.first(
                            "SELECT * FROM narrative WHERE id = ? AND (? IS NULL OR session = ?)",
                            Narratives::narrative,
                            hit.id(),
                            session,
                            session)
                    .ifPresent(found::add);
        }
        return found.size() > FOUND ? found.subList(0, FOUND) : found;
    }

    /** The number after which a session begins anew. */
    static long newestId(Tx tx, String session) {
        return tx.number("SELECT MAX(id) FROM narrative WHERE session = ?", session);
    }

    void forget(Tx tx, String session) {
        tx.query("SELECT id FROM narrative WHERE session = ?", row -> row.number("id"), session)
                .forEach(id -> words.remove(tx, id));
        tx.update("DELETE FROM narrative WHERE session = ?", session);
    }

    private static Narrative narrative(Row row) {
        return new Narrative(
                row.number("id"),
                row.text("session"),
                row.optional("topic"),
                row.text("summary"),
                Arrays.stream(row.optional("memory_ids").orElse("").split(" "))
                        .filter(id -> !id.isEmpty())
                        .map(Long::valueOf)
                        .toList(),
                row.isNull("previous") ? Optional.empty() : Optional.of(row.number("previous")),
                row.instant("at"));
    }

    private static String cut(String summary) {
        if (summary.length() <= MAX) {
            return summary;
        }
        int end = Character.isHighSurrogate(summary.charAt(MAX - 1)) ? MAX - 1 : MAX;
        return summary.substring(0, end);
    }
}
