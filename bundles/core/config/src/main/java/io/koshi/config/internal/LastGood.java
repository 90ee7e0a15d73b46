package io.koshi.config.internal;

import io.koshi.api.KoshiException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A copy of the newest text that loaded, {@code koshi.yaml.last-good} in the home; as readable as the file itself is to
 * its owner and to nobody else.
 */
record LastGood(ConfigFile file) {
    private static final Logger LOG = LoggerFactory.getLogger(LastGood.class);

    private Path copy() {
        return file.home().resolve("koshi.yaml.last-good");
    }

    /** The copy, read as if it were the file; empty when there is none that loads. */
    Optional<Loaded> read() {
        try {
            return Files.exists(copy()) ? Optional.of(file.parse(Files.readString(copy()))) : Optional.empty();
        } catch (IOException | KoshiException e) {
            LOG.warn("The last good configuration {} cannot be used either: {}", copy(), e.getMessage());
            return Optional.empty();
        }
    }

    /** Keeps a text; a disk that refuses takes away the safety net, not the hub. */
    void keep(String text) {
        try {
            if (!Files.exists(copy()) || !Files.readString(copy()).equals(text)) {
                SafeFile.write(copy(), text);
            }
        } catch (IOException e) {
            LOG.warn("The last good configuration could not be kept in {}: {}", copy(), e.toString());
        }
    }
}
