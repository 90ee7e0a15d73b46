package io.koshi.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.CRC32;

/**
 * Run by the build on a distribution's directory: writes {@code lib/bundles.index} (the features without their JSON),
 * {@code lib/headers.index} (see {@link HeaderIndex}), {@code lib/classpath} (one jar a line; a class archive needs the same order each time), the same of the launcher alone
 * and of the command line, and {@code lib/build} (a name for exactly these jars). Fails when a feature names a jar that is not there, or a jar is there that nothing names.
 */
public final class DistributionIndex {
    /** Jars the launcher itself needs, in order: the first two at every start, the others to read an edited feature. */
    private static final List<String> LAUNCHER = List.of(
            "io.koshi.launcher",
            "org.apache.felix.framework",
            "org.osgi.service.feature",
            "org.apache.felix.feature",
            "org.apache.felix.cm.json",
            "jakarta.json-api",
            "parsson");

    private DistributionIndex() {}

    /** @param args the directory */
    public static void main(String[] args) throws IOException {
        Distribution distribution = new Distribution(Path.of(args[0]));
        Path lib = distribution.directory().resolve("lib");
        List<FeatureBundle> bundles = FeatureFiles.read(distribution.features());
        List<String> classPath = classPath(jars(lib), bundles);
        check(distribution, bundles, classPath);
        List<String> index = new ArrayList<>(List.of(FeatureFiles.fingerprint(distribution.features())));
        bundles.forEach(b -> index.add(b.line()));
        Files.write(distribution.index(), index);
        Files.write(lib.resolve("classpath"), classPath);
        HeaderIndex.write(
                distribution.headers(),
                lib,
                bundles.stream()
                        .filter(b -> !b.garden())
                        .map(FeatureBundle::jar)
                        .toList());
        Files.write(lib.resolve("launcher.classpath"), artifacts(jars(lib), LAUNCHER));
        Files.write(lib.resolve("cli").resolve("classpath"), jars(lib.resolve("cli")));
        Files.writeString(lib.resolve("build"), checksum(lib, classPath) + "\n");
    }

    private static List<String> artifacts(Set<String> jars, List<String> artifacts) {
        return artifacts.stream()
                .flatMap(a -> jars.stream().filter(j -> j.matches(a + "-\\d.*\\.jar")))
                .toList();
    }

    private static List<String> classPath(Set<String> jars, List<FeatureBundle> bundles) {
        List<String> path = new ArrayList<>(artifacts(jars, LAUNCHER));
        bundles.stream().filter(b -> !b.garden()).map(FeatureBundle::jar).forEach(path::add);
        return path;
    }

    private static void check(Distribution distribution, List<FeatureBundle> bundles, List<String> classPath)
            throws IOException {
        Set<String> found = jars(distribution.directory().resolve("lib"));
        found.addAll(jars(distribution.garden()));
        Set<String> named = new TreeSet<>(classPath);
        bundles.forEach(b -> named.add(b.jar()));
        Set<String> missing = new TreeSet<>(named);
        missing.removeAll(found);
        found.removeAll(named);
        if (!missing.isEmpty() || !found.isEmpty()) {
            throw new IllegalStateException("The features and runtime/distribution/pom.xml disagree. Named by a feature"
                    + " but not a dependency: " + missing + "; a dependency but in no feature: " + found);
        }
    }

    private static String checksum(Path lib, List<String> classPath) throws IOException {
        CRC32 sum = new CRC32();
        for (String jar : classPath) {
            sum.update(Files.readAllBytes(lib.resolve(jar)));
        }
        for (String jar : jars(lib.resolve("cli"))) {
            sum.update(Files.readAllBytes(lib.resolve("cli").resolve(jar)));
        }
        return Long.toHexString(sum.getValue());
    }

    private static Set<String> jars(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(f -> f.getFileName().toString())
                    .filter(f -> f.endsWith(".jar"))
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }
}
