package io.koshi.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The directory that was unpacked: {@code lib}, {@code garden}, {@code features}, {@code config}. */
public record Distribution(Path directory) {
    /**
     * The bundles of the features. They are read from {@code lib/bundles.index}, which the build made and which
     * saves the JSON parser at each start, unless a feature was edited since.
     */
    public List<FeatureBundle> bundles() throws IOException {
        List<String> lines = Files.readAllLines(index());
        if (lines.get(0).equals(FeatureFiles.fingerprint(features()))) {
            return lines.stream().skip(1).map(FeatureBundle::of).toList();
        }
        return FeatureFiles.read(features());
    }

    /** Where a bundle of the features is. */
    public Path jar(FeatureBundle bundle) {
        return directory.resolve(bundle.garden() ? "garden" : "lib").resolve(bundle.jar());
    }

    /** A name for exactly these jars and features; another build has another. */
    String build() throws IOException {
        return Files.readString(directory.resolve("lib").resolve("build")).strip()
                + FeatureFiles.fingerprint(features());
    }

    Path garden() {
        return directory.resolve("garden");
    }

    Path features() {
        return directory.resolve("features");
    }

    Path headers() {
        return directory.resolve("lib").resolve("headers.index");
    }

    Path index() {
        return directory.resolve("lib").resolve("bundles.index");
    }
}
