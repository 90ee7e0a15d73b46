package io.koshi.router.internal;

import java.util.HashMap;
import java.util.Map;

/** The distinct paths of one rule table, numbered so that a message is looked into once for each. Confined to the compiling thread. */
final class Paths {
    private final Map<String, Path> known = new HashMap<>();

    /** @throws IllegalArgumentException with a sentence when the text is no path */
    Path of(String text) {
        Path path = known.get(text);
        if (path == null) {
            path = Path.parse(text, known.size());
            known.put(text, path);
        }
        return path;
    }

    int size() {
        return known.size();
    }
}
