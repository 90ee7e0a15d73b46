package io.koshi.router.internal;

import io.koshi.api.Entry;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * An action's argument with blanks: {@code {{path}}}, and the older {@code {path}}, are filled in from a
 * batch's first message. A blank that leads nowhere stays as it is written, and what was filled in is
 * never read again, so a message cannot smuggle in a blank of its own. Immutable.
 */
final class Form {
    /** Longest value filled in for one blank, in characters. */
    static final int MAX_VALUE = 100_000;

    private static final int MAX_VALUES = 1000;
    private static final String NAME = "[A-Za-z_][A-Za-z0-9_.\\[\\]-]{0,255}";
    private static final Pattern BLANK = Pattern.compile("\\{\\{\\s*(" + NAME + ")\\s*}}|\\{(" + NAME + ")}");

    private final Object argument;
    private final Map<String, Path> paths;

    private Form(Object argument, Map<String, Path> paths) {
        this.argument = argument;
        this.paths = paths;
    }

    static Form of(Object argument, Paths known) {
        Map<String, Path> paths = new LinkedHashMap<>();
        gather(argument, known, paths);
        return new Form(argument, paths);
    }

    /** An argument in which nothing is filled in. */
    static Form literal(Object argument) {
        return new Form(argument, Map.of());
    }

    private static void gather(Object part, Paths known, Map<String, Path> paths) {
        if (part instanceof String text) {
            for (Matcher blank = BLANK.matcher(text); blank.find(); ) {
                String name = name(blank);
                try {
                    paths.put(name, known.of(name));
                } catch (IllegalArgumentException e) {
                    // no path, so it stays as it is written
                }
            }
        } else if (part instanceof Map<?, ?> map) {
            map.values().forEach(value -> gather(value, known, paths));
        } else if (part instanceof List<?> list) {
            list.forEach(value -> gather(value, known, paths));
        }
    }

    private static String name(MatchResult blank) {
        return blank.group(1) == null ? blank.group(2) : blank.group(1);
    }

    /** The argument as it is written. */
    Object argument() {
        return argument;
    }

    /** The argument with its blanks filled in. */
    Object fill(Subject subject, Entry first, int count) {
        return paths.isEmpty() ? argument : fill(argument, subject, first, count);
    }

    private Object fill(Object part, Subject subject, Entry first, int count) {
        if (part instanceof String text) {
            return BLANK.matcher(text).replaceAll(blank -> {
                String value = value(name(blank), subject, first, count);
                return Matcher.quoteReplacement(value == null ? blank.group() : value);
            });
        }
        if (part instanceof Map<?, ?> map) {
            Map<String, Object> filled = new LinkedHashMap<>();
            map.forEach((key, value) -> filled.put(String.valueOf(key), fill(value, subject, first, count)));
            return filled;
        }
        if (part instanceof List<?> list) {
            List<Object> filled = new ArrayList<>(list.size());
            list.forEach(value -> filled.add(fill(value, subject, first, count)));
            return filled;
        }
        return part;
    }

    private String value(String name, Subject subject, Entry first, int count) {
        Path path = paths.get(name);
        if (path != null) {
            List<String> texts = subject.all(path).stream()
                    .flatMap(value -> value instanceof List<?> list ? list.stream() : Stream.of(value))
                    .map(Values::text)
                    .filter(Objects::nonNull)
                    .limit(path.kind() == Path.Kind.CHANNEL ? 1 : MAX_VALUES)
                    .toList();
            if (!texts.isEmpty()) {
                String text = String.join(", ", texts);
                return text.length() > MAX_VALUE ? text.substring(0, MAX_VALUE) : text;
            }
        }
        return switch (name) {
            case "id" -> first.id();
            case "count" -> Integer.toString(count);
            case "at" -> first.message().at().toString();
            case "externalId" -> first.message().externalId().orElse(null);
            default -> null;
        };
    }
}
