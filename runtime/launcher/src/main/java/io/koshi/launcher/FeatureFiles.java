package io.koshi.launcher;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.osgi.service.feature.Feature;
import org.osgi.service.feature.FeatureService;
import org.osgi.service.feature.ID;

/**
 * The features of a distribution: OSGi Feature JSON (OSGi Compendium 8.1, chapter 159). Of our own metadata a
 * bundle has {@code start-level}, and {@code start} ({@code demand}, {@code isolated}) as in {@link FeatureBundle.Start};
 * a feature with the category {@code garden} lists what is shipped but installed only when configured.
 */
final class FeatureFiles {
    private FeatureFiles() {}

    /** Every bundle of every {@code *.json} in the directory. */
    static List<FeatureBundle> read(Path directory) throws IOException {
        FeatureService features = ServiceLoader.load(FeatureService.class, FeatureFiles.class.getClassLoader())
                .findFirst()
                .orElseThrow();
        List<FeatureBundle> bundles = new ArrayList<>();
        for (Path file : files(directory)) {
            try (Reader reader = Files.newBufferedReader(file)) {
                Feature feature = features.readFeature(reader);
                boolean garden = feature.getCategories().contains("garden");
                feature.getBundles().forEach(b -> bundles.add(bundle(b.getID(), b.getMetadata(), garden)));
            }
        }
        return bundles;
    }

    /** Changes when a feature file is added, removed or edited. */
    static String fingerprint(Path directory) throws IOException {
        CRC32 sum = new CRC32();
        for (Path file : files(directory)) {
            sum.update(file.getFileName().toString().getBytes(UTF_8));
            sum.update(Files.readAllBytes(file));
        }
        return Long.toHexString(sum.getValue());
    }

    private static FeatureBundle bundle(ID id, Map<String, Object> metadata, boolean garden) {
        String classifier = id.getClassifier().map(c -> "-" + c).orElse("");
        return new FeatureBundle(
                id.getArtifactId() + "-" + id.getVersion() + classifier + ".jar",
                Integer.parseInt(metadata.getOrDefault("start-level", "1").toString()),
                FeatureBundle.start(metadata.get("start")),
                garden);
    }

    private static List<Path> files(Path directory) {
        try (Stream<Path> all = Files.list(directory)) {
            return all.filter(f -> f.toString().endsWith(".json")).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
