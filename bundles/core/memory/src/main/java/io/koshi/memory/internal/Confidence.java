package io.koshi.memory.internal;

import io.koshi.api.Trust;

/** How sure the hub is of a memory, 0 to 1: at first by who said it, then by what use it was. */
final class Confidence {
    private static final double GAIN = 0.2;
    private static final double LOSS = 0.8;

    private Confidence() {}

    static double of(Trust trust) {
        return switch (trust) {
            case HIGH -> 0.7;
            case MEDIUM -> 0.6;
            case LOW -> 0.4;
        };
    }

    /** A fifth of what is missing comes with each reinforcement, a fifth of all goes with each demotion. */
    static double after(double before, boolean reinforced) {
        return reinforced ? before + (1 - before) * GAIN : before * LOSS;
    }
}
