package io.koshi.event.internal;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/** The topics a subscriber wants; remembers its answer for each topic it has seen. Thread-safe. */
final class Topics {
    private static final int MOST_CACHED = 1_000;

    private final Predicate<String> patterns;
    private final Map<String, Boolean> known = new ConcurrentHashMap<>();

    /** @throws io.koshi.api.KoshiException INVALID_PARAMS for what is no pattern */
    Topics(List<String> patterns) {
        this.patterns = TopicPattern.anyOf(patterns);
    }

    boolean contain(String topic) {
        Boolean answer = known.get(topic);
        if (answer == null) {
            if (known.size() >= MOST_CACHED) {
                known.clear();
            }
            answer = patterns.test(topic);
            known.put(topic, answer);
        }
        return answer;
    }
}
