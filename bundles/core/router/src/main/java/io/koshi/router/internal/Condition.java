package io.koshi.router.internal;

import java.util.List;
import java.util.Optional;

/** What a rule asks of a message; immutable and pure. */
sealed interface Condition permits Condition.Expect, Condition.All, Condition.Any, Condition.Not, TimeWindow {
    boolean holds(Subject subject);

    /** The first thing that keeps it from holding; empty when it holds. */
    Optional<Miss> miss(Subject subject);

    /**
     * Why a rule did not match.
     *
     * @param expected what the rule asks for, as text
     * @param seen what the message has there; empty for nothing
     */
    record Miss(String path, String expected, Optional<Object> seen) {}

    /**
     * Something at a path.
     *
     * @param tests what one and the same value has to pass, all of them
     * @param never what no value may pass
     * @param present whether there has to be something, or has to be nothing; empty when that does not matter
     */
    record Expect(Path path, List<Test> tests, List<Test> never, Optional<Boolean> present) implements Condition {
        @Override
        public boolean holds(Subject subject) {
            if (present.isPresent() && present.get() == subject.all(path).isEmpty()) {
                return false;
            }
            if (tests.isEmpty() && never.isEmpty()) {
                return true;
            }
            Object value = subject.scalar(path);
            if (value instanceof Subject.Many many) {
                return (tests.isEmpty() || anyPasses(many.values()))
                        && many.values().stream().noneMatch(v -> forbidden(v));
            }
            if (value == null) {
                return tests.isEmpty();
            }
            return passes(value) && !forbidden(value);
        }

        private boolean anyPasses(List<Object> values) {
            for (Object value : values) {
                if (passes(value)) {
                    return true;
                }
            }
            return false;
        }

        private boolean passes(Object value) {
            for (int i = 0; i < tests.size(); i++) {
                if (!tests.get(i).test(value)) {
                    return false;
                }
            }
            return true;
        }

        private boolean forbidden(Object value) {
            for (int i = 0; i < never.size(); i++) {
                if (never.get(i).test(value)) {
                    return true;
                }
            }
            return false;
        }

        @Override
        public Optional<Miss> miss(Subject subject) {
            if (holds(subject)) {
                return Optional.empty();
            }
            List<Object> seen = subject.all(path);
            return Optional.of(new Miss(
                    path.text(),
                    expected(),
                    seen.isEmpty() ? Optional.empty() : Optional.of(seen.size() == 1 ? seen.get(0) : seen)));
        }

        private String expected() {
            StringBuilder text = new StringBuilder();
            present.ifPresent(p -> text.append(p ? "exists" : "does not exist"));
            tests.forEach(test -> text.append(text.isEmpty() ? "" : " and ").append(test));
            never.forEach(test ->
                    text.append(text.isEmpty() ? "" : " and ").append("not ").append(test));
            return text.toString();
        }
    }

    /** All of several. */
    record All(List<Condition> parts) implements Condition {
        @Override
        public boolean holds(Subject subject) {
            for (int i = 0; i < parts.size(); i++) {
                if (!parts.get(i).holds(subject)) {
                    return false;
                }
            }
            return true;
        }

        @Override
        public Optional<Miss> miss(Subject subject) {
            return parts.stream().flatMap(part -> part.miss(subject).stream()).findFirst();
        }
    }

    /** At least one of several. */
    record Any(List<Condition> parts) implements Condition {
        @Override
        public boolean holds(Subject subject) {
            for (int i = 0; i < parts.size(); i++) {
                if (parts.get(i).holds(subject)) {
                    return true;
                }
            }
            return false;
        }

        @Override
        public Optional<Miss> miss(Subject subject) {
            if (holds(subject)) {
                return Optional.empty();
            }
            List<Miss> misses =
                    parts.stream().flatMap(part -> part.miss(subject).stream()).toList();
            String wanted = misses.stream()
                    .map(m -> m.path() + " " + m.expected())
                    .collect(java.util.stream.Collectors.joining(", or "));
            return Optional.of(new Miss(
                    "any",
                    wanted,
                    misses.stream().flatMap(m -> m.seen().stream()).findFirst()));
        }
    }

    /** The opposite. */
    record Not(Condition part) implements Condition {
        @Override
        public boolean holds(Subject subject) {
            return !part.holds(subject);
        }

        @Override
        public Optional<Miss> miss(Subject subject) {
            return holds(subject)
                    ? Optional.empty()
                    : Optional.of(new Miss("not", "that its conditions do not hold", Optional.empty()));
        }
    }
}
