package io.koshi.memory.internal;

import java.time.Duration;
import java.time.Instant;

/** How well a memory answers: bm25 × exp(score × 0.2) × 1 / (1 + days × 0.01). */
final class Rank {
    /** Scores are kept within this, so that the exponent stays a number. */
    static final long MAX_SCORE = 100;

    private Rank() {}

    /**
     * @param bm25 the index's figure, the lower the better
     * @param freshAt when it was last hit, else made
     * @return higher is better
     */
    static double of(double bm25, long score, Instant freshAt, Instant now) {
        double days = Math.max(0, Duration.between(freshAt, now).toSeconds() / 86_400.0);
        return -bm25 * Math.exp(score * 0.2) / (1 + days * 0.01);
    }

    static double rounded(double rank) {
        return Math.round(rank * 1000) / 1000.0;
    }

    static long bounded(long score) {
        return Math.max(-MAX_SCORE, Math.min(MAX_SCORE, score));
    }
}
