package io.koshi.memory.internal;

import io.koshi.memory.Memories.Tier;
import java.time.Duration;
import java.time.Instant;

/**
 * What a memory is worth keeping deep: 0.4 tier + 0.25 recency + 0.25 relevance + 0.1 confidence, each 0 to 1.
 *
 * @param recency 1 / (1 + hours since it was of use / 24)
 * @param relevance what use it proved, as nobody asks while the hub sleeps: s / (s + 3) of a score s above 0
 */
record Retention(double tier, double recency, double relevance, double confidence) {
    private static final double HALF = 3;

    static Retention of(Kept kept, Instant now) {
        double hours = Math.max(0, Duration.between(kept.freshAt(), now).toSeconds() / 3600.0);
        double score = Math.max(0, kept.score());
        return new Retention(weight(kept.tier()), 1 / (1 + hours / 24), score / (score + HALF), kept.confidence());
    }

    static double weight(Tier tier) {
        return switch (tier) {
            case CORE -> 1.0;
            case SEMANTIC -> 0.75;
            case PROCEDURAL -> 0.6;
            case EPISODIC -> 0.5;
        };
    }

    double aggregate() {
        return 0.4 * tier + 0.25 * recency + 0.25 * relevance + 0.1 * confidence;
    }
}
