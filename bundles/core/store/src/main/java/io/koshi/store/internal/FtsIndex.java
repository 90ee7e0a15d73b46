package io.koshi.store.internal;

import io.koshi.store.TextIndex;
import io.koshi.store.Tx;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** A text index as an FTS5 table that keeps the index and not the texts. Thread-safe. */
final class FtsIndex implements TextIndex {
    /** How many texts may be ranked for one search: each costs about 0.6 µs. */
    static final int BUDGET = 3000;

    /** Hits that the words which find nothing of their own may bring into another order. */
    private static final int REORDERED = 60;

    private static final int PHRASE = 50;

    /** What parts tokens whoever looks; a NUL would end the query. */
    private static final Pattern SPACE = Pattern.compile("[\\s\\x00]+");

    private static final Pattern TOKEN = Pattern.compile("[\\p{L}\\p{N}]");

    private final String table;
    private final TermCounts counts;

    FtsIndex(String name) {
        if (!name.matches("[a-z][a-z0-9_]{0,40}")) {
            throw new IllegalArgumentException("a text index is named by lower-case letters, digits and _");
        }
        this.table = name + "_text";
        this.counts = new TermCounts(table);
    }

    String create() {
        return "CREATE VIRTUAL TABLE " + table + " USING fts5(words, characters, content='', contentless_delete=1,"
                + " tokenize='porter unicode61 remove_diacritics 2')";
    }

    String table() {
        return table;
    }

    @Override
    public void put(Tx tx, long id, String text) {
        SearchText.Indexed indexed = SearchText.index(text);
        tx.update(
                "INSERT OR REPLACE INTO " + table + " (rowid, words, characters) VALUES (?, ?, ?)",
                id,
                indexed.words(),
                indexed.characters());
    }

    @Override
    public void remove(Tx tx, long id) {
        tx.update("DELETE FROM " + table + " WHERE rowid = ?", id);
    }

    @Override
    public void clear(Tx tx) {
        tx.update("INSERT INTO " + table + " (" + table + ") VALUES ('delete-all')");
    }

    @Override
    public long count(Tx tx) {
        return counts.total(tx);
    }

    @Override
    public boolean knows(Tx tx, long id, String text) {
        SearchText.Indexed indexed = SearchText.index(text);
        return tx.number("SELECT COUNT(*) FROM " + table + " WHERE rowid = ?", id) > 0
                && has(tx, id, "words", indexed.words())
                && has(tx, id, "characters", indexed.characters());
    }

    /** Some words at a time: each is a cursor of its own while a phrase is looked for. */
    private boolean has(Tx tx, long id, String column, String text) {
        String[] words = SPACE.split(text.strip());
        for (int from = 0; from < words.length; from += PHRASE) {
            String phrase = String.join(" ", Arrays.asList(words).subList(from, Math.min(words.length, from + PHRASE)));
            boolean there = !TOKEN.matcher(phrase).find()
                    || tx.number(
                                    "SELECT COUNT(*) FROM " + table + " WHERE " + table + " MATCH ? AND rowid = ?",
                                    column + " : \"" + phrase.replace("\"", "\"\"") + "\"",
                                    id)
                            > 0;
            if (!there) {
                return false;
            }
        }
        return true;
    }

    @Override
    public List<Hit> search(Tx tx, String query, int limit) {
        List<String> terms = SearchText.terms(query);
        if (terms.isEmpty()) {
            return List.of();
        }
        Map<String, Long> found = counts.of(tx, terms);
        if (found.isEmpty()) {
            found = counts.of(tx, SearchText.ideographs(query));
        }
        SearchPlan plan = SearchPlan.of(found, counts.total(tx), BUDGET);
        if (plan.finding().isEmpty()) {
            return List.of();
        }
        String match = String.join(" OR ", plan.finding());
        if (plan.ordering().isEmpty()) {
            return ranked(tx, match, plan.newestOnly(), limit);
        }
        return reordered(tx, match, plan.ordering(), ranked(tx, match, plan.newestOnly(), Math.max(limit, REORDERED)))
                .stream()
                .limit(limit)
                .toList();
    }

    private List<Hit> ranked(Tx tx, String match, boolean newestOnly, int limit) {
        long from = newestOnly
                ? tx.number(
                        "SELECT MIN(rowid) FROM (SELECT rowid FROM " + table + " WHERE " + table
                                + " MATCH ? ORDER BY rowid DESC LIMIT ?)",
                        match,
                        BUDGET)
                : Long.MIN_VALUE;
        return tx.query(
                "SELECT rowid AS id, bm25(" + table + ") AS score FROM " + table + " WHERE " + table
                        + " MATCH ? AND rowid >= ? ORDER BY score, id LIMIT ?",
                row -> new Hit(row.number("id"), row.real("score")),
                match,
                from,
                limit);
    }

    /** Adds what a hit has of the other words: about what bm25 gives a word that stands there once. */
    private List<Hit> reordered(Tx tx, String match, Map<String, Double> ordering, List<Hit> hits) {
        Map<Long, Hit> better = hits.stream().collect(Collectors.toMap(Hit::id, Function.identity()));
        ordering.forEach((term, weight) -> tx.query(
                "SELECT rowid AS id FROM " + table + " WHERE " + table + " MATCH ?",
                row -> better.computeIfPresent(row.number("id"), (id, hit) -> new Hit(id, hit.rank() - weight)),
                "(" + match + ") AND " + term));
        List<Hit> sorted = new ArrayList<>(better.values());
        sorted.sort(Comparator.comparingDouble(Hit::rank).thenComparingLong(Hit::id));
        return sorted;
    }
}
