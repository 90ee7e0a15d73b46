package io.koshi.launcher;

import java.util.Locale;

/**
 * One bundle of a feature.
 *
 * @param jar the file's name in {@code lib}, or in {@code garden} for a garden bundle
 * @param level the start level
 * @param start when it is started
 * @param garden shipped, but installed only when the configuration names it
 */
public record FeatureBundle(String jar, int level, Start start, boolean garden) {
    /** When an installed bundle is started. */
    public enum Start {
        /** With its start level. */
        ALWAYS,
        /** With its start level where bundles are isolated; from the class path, when a plugin needs it. */
        ISOLATED,
        /** By whoever needs it. */
        DEMAND
    }

    /** Whether it is started with its start level. */
    public boolean starts(boolean isolated) {
        return start == Start.ALWAYS || start == Start.ISOLATED && isolated;
    }

    /** One line of the index: the four parts, tabs between them. */
    String line() {
        return String.join("\t", jar, Integer.toString(level), start.name(), garden ? "garden" : "core");
    }

    /** Reads what {@link #line} wrote. */
    static FeatureBundle of(String line) {
        String[] parts = line.split("\t");
        return new FeatureBundle(
                parts[0], Integer.parseInt(parts[1]), Start.valueOf(parts[2]), parts[3].equals("garden"));
    }

    /** Reads a feature's own word for it; empty means always. */
    static Start start(Object metadata) {
        return metadata == null
                ? Start.ALWAYS
                : Start.valueOf(metadata.toString().toUpperCase(Locale.ROOT));
    }
}
