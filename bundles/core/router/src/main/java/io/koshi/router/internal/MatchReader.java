package io.koshi.router.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Reads a rule's {@code match} block; docs/rooms/router.md has the table of operators. */
final class MatchReader {
    private static final int MAX_DEPTH = 16;
    private static final List<String> OPERATORS =
            List.of("glob", "regex", "in", "exists", "lt", "lte", "gt", "gte", "eq", "ne", "not");

    private final Paths paths;
    private final Faults faults;

    MatchReader(Paths paths, Faults faults) {
        this.paths = paths;
        this.faults = faults;
    }

    /** All conditions of a block; what is wrong goes to the faults and is left out. */
    Condition.All block(Map<?, ?> match, String at, int depth) {
        List<Condition> parts = new ArrayList<>();
        if (depth > MAX_DEPTH) {
            faults.add(at, "conditions are nested deeper than " + MAX_DEPTH);
            return new Condition.All(List.of());
        }
        match.forEach((name, expected) -> {
            String key = String.valueOf(name);
            String here = at + Faults.step(key);
            switch (key) {
                case "any" -> parts.add(new Condition.Any(blocks(expected, here, depth)));
                case "all" -> parts.add(new Condition.All(blocks(expected, here, depth)));
                case "not" -> parts.add(new Condition.Not(one(expected, here, depth)));
                case "time" ->
                    Optional.ofNullable(new TimeWindowReader(faults).read(expected, here))
                            .ifPresent(parts::add);
                default -> expect(key, expected, here).ifPresent(parts::add);
            }
        });
        return new Condition.All(List.copyOf(parts));
    }

    private Condition one(Object block, String at, int depth) {
        if (block instanceof Map<?, ?> map && !map.isEmpty()) {
            return block(map, at, depth + 1);
        }
        faults.add(at, "write conditions as {path: value}");
        return new Condition.All(List.of());
    }

    private List<Condition> blocks(Object list, String at, int depth) {
        List<Condition> parts = new ArrayList<>();
        if (list instanceof List<?> blocks && !blocks.isEmpty()) {
            for (int i = 0; i < blocks.size(); i++) {
                parts.add(one(blocks.get(i), at + "/" + i, depth));
            }
        } else {
            faults.add(at, "write a list of conditions: [{path: value}, {path: value}]");
        }
        return List.copyOf(parts);
    }

    private Optional<Condition> expect(String key, Object expected, String at) {
        Path path;
        try {
            path = paths.of(key);
        } catch (IllegalArgumentException e) {
            faults.add(at, e.getMessage());
            return Optional.empty();
        }
        Expectation expectation = new Expectation();
        if (expected instanceof Map<?, ?> operators) {
            if (operators.isEmpty()) {
                faults.add(at, "name an operator: " + String.join(", ", OPERATORS));
            }
            operators.forEach((name, argument) ->
                    operator(expectation, String.valueOf(name), argument, at + Faults.step(String.valueOf(name))));
        } else if (expected == null) {
            expectation.present = Optional.of(false);
        } else {
            plain(expected, at).ifPresent(expectation.tests::add);
        }
        return Optional.of(new Condition.Expect(
                path, List.copyOf(expectation.tests), List.copyOf(expectation.never), expectation.present));
    }

    /** What is gathered of one path's operators. */
    private static final class Expectation {
        final List<Test> tests = new ArrayList<>();
        final List<Test> never = new ArrayList<>();
        Optional<Boolean> present = Optional.empty();
    }

    private Optional<Test> plain(Object expected, String at) {
        if (expected instanceof String text && Glob.isGlob(text)) {
            return Optional.of(Glob.of(text));
        }
        if (expected instanceof List<?> list) {
            return in(list, at);
        }
        return equal(expected, at);
    }

    private Optional<Test> equal(Object expected, String at) {
        if (expected == null || !Values.scalar(expected)) {
            faults.add(at, "compare with a text, a number, true or false");
            return Optional.empty();
        }
        Number number = expected instanceof Number ? Values.number(expected) : null;
        return Optional.of(new Test.Equal(number == null ? expected : number));
    }

    private Optional<Test> in(Object list, String at) {
        if (list instanceof List<?> values
                && !values.isEmpty()
                && values.stream().allMatch(v -> v != null && Values.scalar(v))) {
            return Optional.of(Test.In.of(values));
        }
        faults.add(at, "write a list of texts or numbers: [push, release]");
        return Optional.empty();
    }

    private void operator(Expectation to, String name, Object argument, String at) {
        switch (name) {
            case "glob" -> text(argument, at, Glob::of).ifPresent(to.tests::add);
            case "regex" -> text(argument, at, Regex::of).ifPresent(to.tests::add);
            case "in" -> in(argument, at).ifPresent(to.tests::add);
            case "eq" -> equal(argument, at).ifPresent(to.tests::add);
            case "ne" -> equal(argument, at).ifPresent(to.never::add);
            case "lt", "lte", "gt", "gte" -> compare(name, argument, at).ifPresent(to.tests::add);
            case "exists" -> {
                if (argument instanceof Boolean wanted) {
                    to.present = Optional.of(wanted);
                } else {
                    faults.add(at, "exists takes true or false");
                }
            }
            case "not" -> negate(to, argument, at);
            default ->
                faults.add(
                        at,
                        "no operator is called '" + name + "'" + Faults.nearest(name, OPERATORS) + " There are "
                                + String.join(", ", OPERATORS));
        }
    }

    private void negate(Expectation to, Object argument, String at) {
        if (argument == null) {
            to.present = Optional.of(true);
            return;
        }
        if (!(argument instanceof Map<?, ?> operators)) {
            plain(argument, at).ifPresent(to.never::add);
            return;
        }
        Expectation inner = new Expectation();
        operators.forEach(
                (name, value) -> operator(inner, String.valueOf(name), value, at + Faults.step(String.valueOf(name))));
        if (inner.tests.size() + inner.never.size() + (inner.present.isPresent() ? 1 : 0) > 1
                || !inner.never.isEmpty()) {
            faults.add(at, "not takes one operator; use a block not: {…} beside the paths for more");
        }
        to.never.addAll(inner.tests);
        inner.present.ifPresent(present -> to.present = Optional.of(!present));
    }

    private Optional<Test> compare(String name, Object argument, String at) {
        Number bound = Values.number(argument);
        if (bound == null) {
            faults.add(at, name + " takes a number, not '" + argument + "'");
            return Optional.empty();
        }
        return Optional.of(new Test.Compare(Test.Order.valueOf(name.toUpperCase(java.util.Locale.ROOT)), bound));
    }

    private Optional<Test> text(Object argument, String at, Function<String, Test> maker) {
        if (argument instanceof String text && !text.isEmpty()) {
            try {
                return Optional.of(maker.apply(text));
            } catch (IllegalArgumentException e) {
                faults.add(at, e.getMessage());
            }
        } else {
            faults.add(at, "write a text");
        }
        return Optional.empty();
    }
}
