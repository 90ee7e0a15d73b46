package io.koshi.config.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts plugin entries into a configuration's text and takes them out; what cannot be edited without a doubt is left alone.
 * Immutable.
 */
record PluginEntries(ConfigFile file) {
    private static final Logger LOG = LoggerFactory.getLogger(PluginEntries.class);

    /** The text with an entry added or replaced; settings that are null are left out. */
    String put(String text, Map<String, Object> entry) {
        Map<String, Object> clean = new LinkedHashMap<>();
        entry.forEach((key, value) -> {
            if (value != null) {
                clean.put(key, file.codec().toData(value));
            }
        });
        if (!(clean.get("name") instanceof String name)) {
            throw KoshiException.invalid("/name", "a plugin's entry needs a name");
        }
        return guarded(text, () -> PluginEdit.put(text, clean), PluginLists.with(plain(text), name, clean));
    }

    /** The text without an entry; empty when it has none of that name. */
    Optional<String> remove(String text, String name) {
        Map<String, Object> wanted = PluginLists.without(plain(text), name);
        return wanted.equals(plain(text))
                ? Optional.empty()
                : Optional.of(guarded(text, () -> PluginEdit.remove(text, name).orElse(text), wanted));
    }

    private String guarded(String text, Supplier<String> edit, Map<String, Object> wanted) {
        try {
            String after = edit.get();
            if (PluginLists.same(plain(after), wanted)) {
                return after;
            }
        } catch (FaultyText | IndexOutOfBoundsException | ClassCastException unusual) {
            LOG.debug("An unusual configuration file cannot be edited", unusual);
        }
        throw new KoshiException(
                ErrorCode.CONFLICT,
                file.file() + " is written in a way the hub cannot edit; change its 'plugins' by hand");
    }

    private Map<String, Object> plain(String text) {
        try {
            return Document.of(YamlReader.read(text), Interpolation.NONE).data();
        } catch (FaultyText e) {
            file.parse(text); // throws what is wrong, with its place
            throw e;
        }
    }
}
