package io.koshi.agent.internal;

import io.koshi.model.ModelMessage;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Knows how much of a request a session's last request had already, for services that keep a prompt. Thread-safe. */
final class StablePrefix {
    private static final int REMEMBERED = 256;

    /** Hashes of the messages each session's last request had. */
    private final Map<String, int[]> lastRequests = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, int[]> eldest) {
            return size() > REMEMBERED;
        }
    };

    /** How many messages are the same, from the first on; these are the last request from now on. */
    int of(String sessionKey, List<ModelMessage> messages) {
        int[] now = messages.stream().mapToInt(ModelMessage::hashCode).toArray();
        int[] last;
        synchronized (lastRequests) {
            last = lastRequests.put(sessionKey, now);
        }
        if (last == null) {
            return 0;
        }
        int differs = Arrays.mismatch(last, now);
        return differs < 0 ? now.length : Math.min(differs, Math.min(last.length, now.length));
    }
}
