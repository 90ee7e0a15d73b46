package io.koshi.launcher;

/**
 * One bundle of a feature.
 *
 * @param jar the file's name in {@code lib}, or in {@code garden} for a garden bundle
 * @param level the start level
 * @param onDemand installed and resolved, but started only by whoever needs it
 * @param garden shipped, but installed only when the configuration names it
 */
public record FeatureBundle(String jar, int level, boolean onDemand, boolean garden) {
    /** One line of the index: the four parts, tabs between them. */
    String line() {
        return String.join(
                "\t", jar, Integer.toString(level), onDemand ? "demand" : "start", garden ? "garden" : "core");
    }

    /** Reads what {@link #line} wrote. */
    static FeatureBundle of(String line) {
        String[] parts = line.split("\t");
        return new FeatureBundle(
                parts[0], Integer.parseInt(parts[1]), parts[2].equals("demand"), parts[3].equals("garden"));
    }
}
