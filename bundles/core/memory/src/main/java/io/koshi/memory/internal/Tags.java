package io.koshi.memory.internal;

import io.koshi.api.KoshiException;
import java.util.List;
import java.util.stream.Collectors;

/** Tags in one column: one a line. */
final class Tags {
    private static final int MOST = 32;
    private static final int LONGEST = 64;

    private Tags() {}

    static String text(List<String> tags) {
        if (tags.size() > MOST || tags.stream().anyMatch(tag -> tag.isBlank() || tag.length() > LONGEST)) {
            throw KoshiException.invalid("/tags", "at most " + MOST + " tags of 1 to " + LONGEST + " characters");
        }
        return tidy(tags).stream().collect(Collectors.joining("\n"));
    }

    static List<String> of(String text) {
        return text.isEmpty() ? List.of() : List.of(text.split("\n"));
    }

    /** The same tags as they are kept: once each, on one line each, without what no encoding can hold. */
    static List<String> tidy(List<String> tags) {
        return tags.stream()
                .map(tag -> Words.wellFormed(tag).strip().replace('\n', ' '))
                .distinct()
                .toList();
    }
}
