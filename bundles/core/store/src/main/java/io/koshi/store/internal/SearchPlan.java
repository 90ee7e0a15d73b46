package io.koshi.store.internal;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which words of a search find texts, and which only bring them into order.
 *
 * @param finding terms of which a text must have one
 * @param ordering terms that add to the rank of what was found, and how much: their idf as in FTS5's bm25
 * @param newestOnly whether so many texts have what is asked for that only the newest are ranked
 */
record SearchPlan(List<String> finding, Map<String, Double> ordering, boolean newestOnly) {
    /** A term that more than one in so many texts have is common. */
    private static final int COMMON = 20;

    /** A term that more than one in so many texts have says next to nothing. */
    private static final int EVERYWHERE = 4;

    private static final int MOST_ORDERING = 3;

    /**
     * @param counts terms and how many texts have each, at least one
     * @param total how many texts there are
     * @param budget how many texts may be ranked
     */
    static SearchPlan of(Map<String, Long> counts, long total, int budget) {
        List<Map.Entry<String, Long>> rarest = new ArrayList<>(counts.entrySet());
        rarest.sort(Map.Entry.comparingByValue());
        boolean aRareOne = !rarest.isEmpty() && rarest.get(0).getValue() * COMMON <= total;
        List<String> finding = new ArrayList<>();
        Map<String, Double> ordering = new LinkedHashMap<>();
        long texts = 0;
        for (Map.Entry<String, Long> term : rarest) {
            long count = term.getValue();
            boolean leftOut = aRareOne && count * COMMON > total;
            if (finding.isEmpty() || !leftOut && texts + count <= budget) {
                finding.add(term.getKey());
                texts += count;
            } else if (ordering.size() < MOST_ORDERING && count * EVERYWHERE <= total) {
                ordering.put(term.getKey(), Math.log((total - count + 0.5) / (count + 0.5)));
            }
        }
        return new SearchPlan(finding, ordering, texts > budget);
    }
}
