package io.koshi.frame.internal;

import io.koshi.api.KoshiException;
import java.util.Map;
import java.util.Optional;

/** The last event a client saw: its number and the start of the hub it belongs to; -1 where it wants no replay. */
record Since(Optional<String> epoch, long seq) {
    static final Since NOW = new Since(Optional.empty(), -1);

    /**
     * Reads {@code since}.
     *
     * @param value a number, a map of epoch and seq, or null
     * @throws KoshiException INVALID_PARAMS for anything else
     */
    static Since of(Object value) {
        if (value == null) {
            return NOW;
        }
        if (value instanceof Long seq && seq >= 0) {
            return new Since(Optional.empty(), seq);
        }
        if (value instanceof Map<?, ?> map
                && map.get("epoch") instanceof String epoch
                && map.get("seq") instanceof Long seq
                && seq >= 0) {
            return new Since(Optional.of(epoch), seq);
        }
        throw KoshiException.invalid("/since", "give the number of the last event seen, or its epoch and seq");
    }
}
