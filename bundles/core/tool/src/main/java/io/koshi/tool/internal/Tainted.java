package io.koshi.tool.internal;

import io.koshi.api.Trust;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What runs have read through this room, so that a loop that forgets to say so gains nothing by it. The newest runs are
 * remembered; a run's own loop says it too, and that counts as well. Thread-safe.
 */
final class Tainted {
    private static final int REMEMBERED = 10_000;

    private final Map<String, Trust> read = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Trust> eldest) {
            return size() > REMEMBERED;
        }
    };

    synchronized void reads(String runId, Trust trust) {
        if (trust != Trust.HIGH) {
            read.merge(runId, trust, Tainted::lesser);
        }
    }

    synchronized Trust of(String runId, Trust said) {
        return lesser(said, read.getOrDefault(runId, Trust.HIGH));
    }

    private static Trust lesser(Trust a, Trust b) {
        return a.compareTo(b) >= 0 ? a : b;
    }
}
