package io.koshi.router.internal;

import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Where a rule looks in a message: one of the message's own properties, or a path into its fields such as
 * {@code pull_request.user.login}, {@code labels.0.name} or {@code labels[].name} (any element).
 *
 * @param slot where a {@link Subject} remembers what it found
 */
record Path(String text, Kind kind, String[] segments, int slot) {
    /** Stands in {@link #segments} for any element of a list. */
    static final String ANY = "[]";

    private static final int MAX_SEGMENTS = 16;
    private static final String FIELDS = "fields.";
    private static final Pattern INDEX = Pattern.compile("\\[(\\d{1,6})]");
    private static final Pattern NUMBER = Pattern.compile("\\d{1,6}");

    /** Whose value it is. */
    enum Kind {
        CHANNEL,
        SENDER,
        CONVERSATION,
        TEXT,
        TRUST,
        PRIORITY,
        /** A field reached through names only. */
        FIELD,
        /** A field reached through a list. */
        LISTED
    }

    /**
     * Reads a path; {@code fields.} in front reaches a field whose name is taken by the message itself.
     *
     * @throws IllegalArgumentException with a sentence when it is none
     */
    static Path parse(String text, int slot) {
        switch (text) {
            case "channel":
                return new Path(text, Kind.CHANNEL, new String[0], slot);
            case "from", "sender":
                return new Path(text, Kind.SENDER, new String[0], slot);
            case "conversation":
                return new Path(text, Kind.CONVERSATION, new String[0], slot);
            case "text":
                return new Path(text, Kind.TEXT, new String[0], slot);
            case "trust":
                return new Path(text, Kind.TRUST, new String[0], slot);
            case "priority":
                return new Path(text, Kind.PRIORITY, new String[0], slot);
            default:
                return field(text, slot);
        }
    }

    private static Path field(String text, int slot) {
        String plain = text.startsWith(FIELDS) ? text.substring(FIELDS.length()) : text;
        String dotted = INDEX.matcher(plain).replaceAll(".$1").replace("[]", "." + ANY);
        String[] segments = dotted.split("\\.", -1);
        if (segments.length > MAX_SEGMENTS) {
            throw new IllegalArgumentException("a path has at most " + MAX_SEGMENTS + " names");
        }
        if (Arrays.asList(segments).contains("") || ANY.equals(segments[0])) {
            throw new IllegalArgumentException("'" + text + "' is no path: write names with dots between them");
        }
        boolean listed = Arrays.stream(segments)
                .anyMatch(s -> ANY.equals(s) || NUMBER.matcher(s).matches());
        return new Path(text, listed ? Kind.LISTED : Kind.FIELD, segments, slot);
    }

    boolean many() {
        return Arrays.asList(segments).contains(ANY);
    }

    /** What this path leads to in plain data, added to {@code found}; nulls are nothing. */
    void collect(Object data, List<Object> found) {
        collect(data, 0, found);
    }

    private void collect(Object at, int depth, List<Object> found) {
        if (at == null) {
            return;
        }
        if (depth == segments.length) {
            found.add(at);
            return;
        }
        String segment = segments[depth];
        if (at instanceof java.util.Map<?, ?> map) {
            collect(map.get(segment), depth + 1, found);
        } else if (at instanceof List<?> list) {
            if (segment.equals(ANY)) {
                list.forEach(element -> collect(element, depth + 1, found));
            } else if (NUMBER.matcher(segment).matches()) {
                int index = Integer.parseInt(segment);
                if (index < list.size()) {
                    collect(list.get(index), depth + 1, found);
                }
            }
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Path path && path.text.equals(text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return text;
    }
}
