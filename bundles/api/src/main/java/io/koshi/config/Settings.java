package io.koshi.config;

import io.koshi.api.Problem;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.osgi.annotation.versioning.ProviderType;

/** The live configuration; rooms read it at each use and are never restarted by a reload. Thread-safe. */
@ProviderType
public interface Settings {
    /** What holds now. */
    Config config();

    /** {@code KOSHI_HOME}. */
    Path home();

    /** Where {@code data} pointed at the start, resolved against the config file's directory; exists. */
    Path data();

    /** Where the configuration came from. */
    Origin origin();

    /**
     * @param file the file read
     * @param lastGood whether the file was bad and the last good configuration serves instead
     * @param error why, in full, when it is
     */
    record Origin(Path file, Instant loadedAt, boolean lastGood, Optional<String> error) {}

    /**
     * Calls back after each change with the old and the new configuration, on a work thread, until closed.
     */
    AutoCloseable onChange(BiConsumer<Config, Config> listener);

    /**
     * Reads the file again and applies what changed.
     *
     * @return what changed: names of blocks and plugins
     * @throws io.koshi.api.KoshiException INVALID_PARAMS with file, line and column; nothing changed then
     */
    List<String> reload();

    /** The file with secrets and interpolated values hidden, as plain data. */
    Map<String, Object> redacted();

    /** A text with the secrets of the configuration hidden in it: for logs, and for what plugins say went wrong. */
    default String redact(String text) {
        return text;
    }

    /**
     * A plugin's entry as it would hold after {@link #putPlugin}, references filled in; the file stays as it is.
     *
     * @throws io.koshi.api.KoshiException INVALID_PARAMS when the file would not load with it
     */
    default Map<String, Object> preview(Map<String, Object> entry) {
        return entry;
    }

    /**
     * Adds a plugin's entry to the file, or replaces it, keeping every comment; durable when it returns.
     *
     * @return the lines changed, as a unified diff
     */
    String putPlugin(Map<String, Object> entry);

    /** Takes a plugin's entry out of the file, keeping every comment; empty when there was none. */
    Optional<String> removePlugin(String name);

    /** What {@link #putPlugin} or {@link #removePlugin} would change, without doing it. */
    String diff(String name, Optional<Map<String, Object>> entry);

    /**
     * Checks a text as if it were the file, by every room's rules, and changes nothing.
     *
     * @return what has no effect in it, empty when all has
     * @throws io.koshi.api.KoshiException INVALID_PARAMS with line and column of each fault
     */
    default List<String> check(String text) {
        return List.of();
    }

    /** What is wrong with the configuration as far as can be known now, empty when nothing. */
    List<Problem> problems();

    /**
     * Ends the start, when every room's check is here: a configuration without fault is kept as the last good one, and
     * in place of one with faults the last good one serves, which {@link #origin} says then.
     *
     * @return what is wrong where nothing else can serve; empty when the hub may begin
     */
    default List<Problem> settle() {
        return problems();
    }
}
