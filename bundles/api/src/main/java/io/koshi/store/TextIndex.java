package io.koshi.store;

import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/** Full-text search over texts kept under a number: Porter stemming, diacritics folded, CJK found. */
@ProviderType
public interface TextIndex {
    void put(Tx tx, long id, String text);

    void remove(Tx tx, long id);

    /** Takes all texts out. */
    void clear(Tx tx);

    /** How many texts it can find. */
    long count(Tx tx);

    /**
     * Whether it has the words of a text, in their order, under a number: looked up in the index itself, so that one
     * that is damaged or out of date shows.
     */
    boolean knows(Tx tx, long id, String text);

    /**
     * The best matches of any of the words, best first. A word that more than 5 % of the texts have finds none of its
     * own where a rarer one does; it only helps to order them.
     *
     * @param query a person's words; never a query language
     */
    List<Hit> search(Tx tx, String query, int limit);

    /**
     * @param rank bm25, the lower the better
     */
    record Hit(long id, double rank) {}
}
