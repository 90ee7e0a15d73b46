package io.koshi.store.internal;

import io.koshi.store.TextIndex;
import io.koshi.store.Tx;
import java.util.List;

/** A text index as an FTS5 table that keeps the index and not the texts. Thread-safe. */
final class FtsIndex implements TextIndex {
    private final String table;

    FtsIndex(String name) {
        if (!name.matches("[a-z][a-z0-9_]{0,40}")) {
            throw new IllegalArgumentException("a text index is named by lower-case letters, digits and _");
        }
        this.table = name + "_text";
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
    public List<Hit> search(Tx tx, String query, int limit) {
        String match = SearchText.query(query);
        if (match.isEmpty()) {
            return List.of();
        }
        return tx.query(
                "SELECT rowid AS id, bm25(" + table + ") AS score FROM " + table + " WHERE " + table
                        + " MATCH ? ORDER BY score, id LIMIT ?",
                row -> new Hit(row.number("id"), row.real("score")),
                match,
                limit);
    }
}
