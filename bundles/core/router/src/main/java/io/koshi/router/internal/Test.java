package io.koshi.router.internal;

import java.util.List;
import java.util.Set;

/** What a rule expects of one value; immutable. */
sealed interface Test permits Test.Equal, Test.In, Test.Compare, Glob, Regex {
    /** Never called with null. */
    boolean test(Object value);

    /** The same number, or written alike. */
    record Equal(Object expected) implements Test {
        @Override
        public boolean test(Object value) {
            return expected instanceof String s && value instanceof String t
                    ? s.equals(t)
                    : Values.equal(expected, value);
        }

        @Override
        public String toString() {
            return String.valueOf(expected);
        }
    }

    /** One of several. */
    record In(Set<String> texts, List<Object> others) implements Test {
        static In of(List<?> expected) {
            return new In(
                    expected.stream()
                            .filter(String.class::isInstance)
                            .map(String.class::cast)
                            .collect(java.util.stream.Collectors.toUnmodifiableSet()),
                    expected.stream()
                            .filter(e -> !(e instanceof String))
                            .map(Object.class::cast)
                            .toList());
        }

        @Override
        public boolean test(Object value) {
            String text = Values.text(value);
            if (text != null && texts.contains(text)) {
                return true;
            }
            for (Object other : others) {
                if (Values.equal(other, value)) {
                    return true;
                }
            }
            return false;
        }

        @Override
        public String toString() {
            return "in " + texts + (others.isEmpty() ? "" : others.toString());
        }
    }

    /** How a number stands to another. */
    enum Order {
        LT,
        LTE,
        GT,
        GTE
    }

    /** Less or greater than a number; a text that spells a number counts as one. */
    record Compare(Order order, Number bound) implements Test {
        @Override
        public boolean test(Object value) {
            Number number = Values.number(value);
            if (number == null) {
                return false;
            }
            int compared = Values.compare(number, bound);
            return switch (order) {
                case LT -> compared < 0;
                case LTE -> compared <= 0;
                case GT -> compared > 0;
                case GTE -> compared >= 0;
            };
        }

        @Override
        public String toString() {
            return order.name().toLowerCase(java.util.Locale.ROOT) + " " + bound;
        }
    }
}
