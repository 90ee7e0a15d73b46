package io.koshi.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.koshi.launcher.FeatureBundle.Start;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FeatureFilesTest {
    private static final String CORE = """
            { "feature-resource-version": "1.0", "id": "t:core:1",
              "bundles": [
                { "id": "g:a:1.2", "start-level": 5 },
                { "id": "g:b:jar:c:1.2-SNAPSHOT", "start-level": 30, "start": "demand" }
              ] }
            """;
    private static final String GARDEN = """
            { "feature-resource-version": "1.0", "id": "t:garden:1", "categories": ["garden"],
              "bundles": [ { "id": "g:p:3", "start-level": 40 } ] }
            """;

    @TempDir
    Path directory;

    private Path features;

    @BeforeEach
    void writeFeatures() throws IOException {
        features = Files.createDirectory(directory.resolve("features"));
        Files.createDirectory(directory.resolve("lib"));
        Files.writeString(features.resolve("core.json"), CORE);
        Files.writeString(features.resolve("garden.json"), GARDEN);
    }

    @Test
    void readsBundlesWithTheirLevels() throws IOException {
        assertThat(FeatureFiles.read(features))
                .containsExactly(
                        new FeatureBundle("a-1.2.jar", 5, Start.ALWAYS, false),
                        new FeatureBundle("b-1.2-SNAPSHOT-c.jar", 30, Start.DEMAND, false),
                        new FeatureBundle("p-3.jar", 40, Start.ALWAYS, true));
    }

    @Test
    void aLineOfTheIndexSaysAllOfABundle() {
        FeatureBundle bundle = new FeatureBundle("b-1.2.jar", 30, Start.ISOLATED, true);

        assertThat(FeatureBundle.of(bundle.line())).isEqualTo(bundle);
    }

    @Test
    void theIndexIsReadUntilAFeatureIsEdited() throws IOException {
        Distribution distribution = new Distribution(directory);
        FeatureBundle indexed = new FeatureBundle("indexed.jar", 1, Start.ALWAYS, false);
        Files.write(distribution.index(), List.of(FeatureFiles.fingerprint(features), indexed.line()));
        assertThat(distribution.bundles()).containsExactly(indexed);

        Files.writeString(features.resolve("core.json"), CORE.replace("30", "20"));

        assertThat(distribution.bundles()).hasSize(3).doesNotContain(indexed);
    }
}
