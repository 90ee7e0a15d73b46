package io.koshi.config.internal;

import java.util.List;

/** A YAML tree that remembers where each value stands in the text, so that it can be named and edited there. */
sealed interface YamlNode {
    Place start();

    /** The offset just behind the last character, counted in Java characters. */
    int end();

    /** The same value at the place of an alias that repeats it. */
    YamlNode at(Place start, int end);

    /** Where something stands: line and column from 1, and the offset in Java characters. */
    record Place(int line, int column, int offset) {}

    /** @param plain whether it stands without quotes and so may be a number, a boolean or null */
    record Scalar(String text, boolean plain, Place start, int end) implements YamlNode {
        @Override
        public Scalar at(Place start, int end) {
            return new Scalar(text, plain, start, end);
        }
    }

    record Sequence(boolean flow, List<YamlNode> items, Place start, int end) implements YamlNode {
        @Override
        public Sequence at(Place start, int end) {
            return new Sequence(flow, items, start, end);
        }
    }

    record Mapping(boolean flow, List<Entry> entries, Place start, int end) implements YamlNode {
        @Override
        public Mapping at(Place start, int end) {
            return new Mapping(flow, entries, start, end);
        }

        /** The value under a key, null where there is none. */
        Entry entry(String key) {
            return entries.stream()
                    .filter(e -> e.key().text().equals(key))
                    .findFirst()
                    .orElse(null);
        }
    }

    record Entry(Scalar key, YamlNode value) {}
}
