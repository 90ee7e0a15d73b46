package io.koshi.store.internal;

import io.koshi.config.Config;
import io.koshi.testkit.PlainSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Settings of a test: a directory and how much of the disk must stay free. */
final class FixedSettings implements PlainSettings {
    private final Path data;
    volatile int minFreeMB;

    FixedSettings(Path data) {
        this.data = data;
    }

    @Override
    public Config config() {
        return new Config(
                "koshi",
                Config.LogLevel.INFO,
                null,
                data.toString(),
                null,
                Map.of(),
                null,
                null,
                List.of(),
                List.of(),
                List.of(),
                Config.Unmatched.FORWARD,
                null,
                null,
                null,
                null,
                new Config.StoreBlock(minFreeMB),
                null,
                null,
                Map.of(),
                null,
                null,
                List.of(),
                Map.of(),
                Optional.empty());
    }

    @Override
    public Path data() {
        return data;
    }
}
