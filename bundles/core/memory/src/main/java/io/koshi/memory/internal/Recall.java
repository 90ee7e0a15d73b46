package io.koshi.memory.internal;

import io.koshi.memory.Memories.Memory;
import io.koshi.memory.internal.Meaning.Near;
import io.koshi.store.Store;
import io.koshi.store.TextIndex;
import io.koshi.store.Tx;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * Finds memories: by words, ranked by {@link Rank}; where there is a service for it also by meaning, the two orders
 * joined by reciprocal rank; and what room is left is filled from the archive. Thread-safe.
 */
final class Recall {
    /** So many more than asked for are fetched, since ranking brings them into another order. */
    private static final int FETCHED = 3;

    /** How little the first places of an order outweigh the next (Cormack, Clarke and Büttcher 2009). */
    private static final double FUSION = 60;

    private final Store store;
    private final TextIndex texts;
    private final TextIndex archived;
    private final Meaning meaning;

    Recall(Store store, TextIndex texts, TextIndex archived, Meaning meaning) {
        this.store = store;
        this.texts = texts;
        this.archived = archived;
        this.meaning = meaning;
    }

    /** Where to look. */
    enum Where {
        /** What is not archived, then the archive. */
        BOTH,
        ARCHIVE,
        LIVE
    }

    List<Memory> query(String words, int limit, Where where) {
        List<Memory> found = where == Where.ARCHIVE ? List.of() : live(words, limit);
        if (where == Where.LIVE || found.size() == limit) {
            return found;
        }
        List<Memory> all = new ArrayList<>(found);
        all.addAll(store.read(tx -> byWords(tx, words, limit - found.size(), true)));
        return all;
    }

    private List<Memory> live(String words, int limit) {
        Optional<CompletableFuture<float[]>> vector = meaning.ask(words);
        List<Memory> byWords = store.read(tx -> byWords(tx, words, limit * FETCHED, false));
        List<Near> near = vector.map(coming -> nearest(coming, limit * FETCHED)).orElse(List.of());
        return near.isEmpty() ? byWords.stream().limit(limit).toList() : fused(byWords, near, limit);
    }

    private List<Near> nearest(CompletableFuture<float[]> vector, int limit) {
        try {
            return meaning.nearest(vector, limit);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of();
        }
    }

    private List<Memory> byWords(Tx tx, String words, int limit, boolean archive) {
        Instant now = Instant.now();
        record Ranked(Kept kept, double rank) {}
        List<Ranked> found = new ArrayList<>();
        for (TextIndex.Hit hit : (archive ? archived : texts).search(tx, words, limit)) {
            (archive ? MemoryTable.findArchived(tx, hit.id()) : MemoryTable.find(tx, hit.id()))
                    .map(kept -> new Ranked(kept, Rank.of(hit.rank(), kept.score(), kept.freshAt(), now)))
                    .ifPresent(found::add);
        }
        found.sort(Comparator.comparingDouble(Ranked::rank).reversed());
        return found.stream()
                .map(each -> each.kept().ranked(each.rank(), archive))
                .toList();
    }

    /** The sum of 1 / (60 + place) over both orders, as a part of what the first in both would have. */
    private List<Memory> fused(List<Memory> byWords, List<Near> near, int limit) {
        Map<Long, Double> sums = new LinkedHashMap<>();
        for (int i = 0; i < byWords.size(); i++) {
            sums.merge(byWords.get(i).id(), 1 / (FUSION + i + 1), Double::sum);
        }
        for (int i = 0; i < near.size(); i++) {
            sums.merge(near.get(i).id(), 1 / (FUSION + i + 1), Double::sum);
        }
        Set<Long> best = new HashSet<>(sums.entrySet().stream()
                .sorted(Map.Entry.<Long, Double>comparingByValue().reversed())
                .limit(limit)
                .map(Map.Entry::getKey)
                .toList());
        Map<Long, Kept> rows = new HashMap<>();
        store.read(tx -> {
            best.forEach(id -> MemoryTable.find(tx, id).ifPresent(kept -> rows.put(id, kept)));
            return rows;
        });
        return rows.values().stream()
                .sorted(Comparator.comparingDouble((Kept kept) -> sums.get(kept.id()))
                        .reversed()
                        .thenComparingLong(Kept::id))
                .map(kept -> kept.ranked(sums.get(kept.id()) * (FUSION + 1) / 2, false))
                .toList();
    }
}
