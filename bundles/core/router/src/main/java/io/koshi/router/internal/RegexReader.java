package io.koshi.router.internal;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Reads the syntax of RE2: what Java's has, without look-around, back references, atomic groups and
 * possessive repeats, which no matcher can bound. What one character may be is left to {@link Pattern}.
 * Confined to one thread.
 */
final class RegexReader {
    private static final int MAX_DEPTH = 50;
    private static final int MAX_REPEAT = 1000;

    private final String source;
    private final Map<String, Integer> numbers = new LinkedHashMap<>();
    private final List<IntPredicate> predicates = new ArrayList<>();
    private int at;
    private int depth;
    private boolean anyCase;
    private boolean dotAll;
    private boolean lines;

    RegexReader(String source) {
        this.source = source;
    }

    List<IntPredicate> predicates() {
        return predicates;
    }

    /** @throws IllegalArgumentException with a sentence and the place */
    RegexNode read() {
        RegexNode node = alternatives();
        if (at < source.length()) {
            throw wrong("there is a ) too many");
        }
        return node;
    }

    private IllegalArgumentException wrong(String what) {
        return new IllegalArgumentException("not a regular expression: " + what + ", at character " + (at + 1));
    }

    private RegexNode alternatives() {
        if (++depth > MAX_DEPTH) {
            throw wrong("groups are nested deeper than " + MAX_DEPTH);
        }
        List<RegexNode> parts = new ArrayList<>();
        parts.add(sequence());
        while (at < source.length() && source.charAt(at) == '|') {
            at++;
            parts.add(sequence());
        }
        depth--;
        return parts.size() == 1 ? parts.get(0) : new RegexNode.Either(parts);
    }

    private RegexNode sequence() {
        List<RegexNode> parts = new ArrayList<>();
        while (at < source.length() && source.charAt(at) != '|' && source.charAt(at) != ')') {
            if (source.startsWith("\\Q", at)) {
                quoted(parts);
            } else {
                RegexNode part = atom();
                while (part != null && at < source.length() && "*+?{".indexOf(source.charAt(at)) >= 0) {
                    part = repeat(part);
                }
                if (part != null) {
                    parts.add(part);
                }
            }
        }
        return parts.size() == 1 ? parts.get(0) : new RegexNode.Then(parts);
    }

    private void quoted(List<RegexNode> parts) {
        int end = source.indexOf("\\E", at + 2);
        String text = source.substring(at + 2, end < 0 ? source.length() : end);
        text.codePoints().forEach(c -> parts.add(literal(c)));
        at = end < 0 ? source.length() : end + 2;
    }

    private RegexNode repeat(RegexNode part) {
        int least;
        int most;
        switch (source.charAt(at++)) {
            case '*':
                least = 0;
                most = -1;
                break;
            case '+':
                least = 1;
                most = -1;
                break;
            case '?':
                least = 0;
                most = 1;
                break;
            default:
                least = count();
                most = least;
                if (at < source.length() && source.charAt(at) == ',') {
                    at++;
                    most = at < source.length() && source.charAt(at) == '}' ? -1 : count();
                }
                if (at >= source.length() || source.charAt(at++) != '}' || (most >= 0 && most < least)) {
                    throw wrong("a repeat is written {n}, {n,} or {n,m}");
                }
        }
        if (at < source.length() && source.charAt(at) == '?') {
            at++; // matching as little as possible: whether there is a match is the same
        } else if (at < source.length() && source.charAt(at) == '+') {
            throw wrong("possessive repeats are not known here");
        }
        return new RegexNode.Repeat(part, least, most);
    }

    private int count() {
        int start = at;
        while (at < source.length() && at - start < 5 && Character.digit(source.charAt(at), 10) >= 0) {
            at++;
        }
        if (at == start || Integer.parseInt(source.substring(start, at)) > MAX_REPEAT) {
            throw wrong("a repeat is a number up to " + MAX_REPEAT + ", and { itself is written \\{");
        }
        return Integer.parseInt(source.substring(start, at));
    }

    /** One thing that may be repeated; null where it was flags only. */
    private RegexNode atom() {
        int c = source.codePointAt(at);
        switch (c) {
            case '(':
                return group();
            case '[':
                return set();
            case '\\':
                return escape();
            case '.':
                at++;
                return dotAll ? predicate(".s", -1, any -> true) : predicate(".", -1, any -> any != '\n');
            case '^':
                at++;
                return new RegexNode.At(lines ? RegexNode.Place.LINE_START : RegexNode.Place.TEXT_START);
            case '$':
                at++;
                return new RegexNode.At(lines ? RegexNode.Place.LINE_END : RegexNode.Place.TEXT_END);
            case '*', '+', '?':
                throw wrong("there is nothing to repeat");
            case '{':
                throw wrong("{ itself is written \\{");
            default:
                at += Character.charCount(c);
                return literal(c);
        }
    }

    private RegexNode group() {
        boolean caseBefore = anyCase;
        boolean dotBefore = dotAll;
        boolean linesBefore = lines;
        at++;
        if (source.startsWith("?", at)) {
            at++;
            if (source.startsWith("P<", at)
                    || (source.startsWith("<", at) && !source.startsWith("<=", at) && !source.startsWith("<!", at))) {
                int end = source.indexOf('>', at);
                if (end < 0) {
                    throw wrong("the group's name has no end");
                }
                at = end + 1;
            } else if (flags()) {
                return null;
            }
        }
        RegexNode inside = alternatives();
        if (at >= source.length()) {
            throw wrong("a ) is missing");
        }
        at++;
        anyCase = caseBefore;
        dotAll = dotBefore;
        lines = linesBefore;
        return inside;
    }

    /** Reads {@code (?i)} and {@code (?i:}; whether it was the former, which holds to the end of the group. */
    private boolean flags() {
        boolean on = true;
        for (; at < source.length(); at++) {
            switch (source.charAt(at)) {
                case 'i' -> anyCase = on;
                case 's' -> dotAll = on;
                case 'm' -> lines = on;
                case '-' -> on = false;
                case ':' -> {
                    at++;
                    return false;
                }
                case ')' -> {
                    at++;
                    return true;
                }
                default -> throw wrong("look-around, atomic groups and other flags than i, s and m are not known here");
            }
        }
        throw wrong("a ) is missing");
    }

    private RegexNode set() {
        int start = at;
        int nested = 0;
        do {
            if (at >= source.length()) {
                throw wrong("a ] is missing");
            }
            char c = source.charAt(at);
            nested += c == '[' ? 1 : c == ']' ? -1 : 0;
            at += c == '\\' ? 2 : 1;
        } while (nested > 0);
        return javaClass(source.substring(start, Math.min(at, source.length())));
    }

    private RegexNode escape() {
        if (at + 1 >= source.length()) {
            throw wrong("a \\ stands at the end");
        }
        int start = at;
        int c = source.codePointAt(at + 1);
        at += 1 + Character.charCount(c);
        switch (c) {
            case 'b':
                return new RegexNode.At(RegexNode.Place.WORD_EDGE);
            case 'B':
                return new RegexNode.At(RegexNode.Place.NO_WORD_EDGE);
            case 'A':
                return new RegexNode.At(RegexNode.Place.TEXT_START);
            case 'z', 'Z':
                return new RegexNode.At(RegexNode.Place.TEXT_END);
            case 'd', 'D', 'w', 'W', 's', 'S', 'h', 'H', 'v', 'V', 'n', 't', 'r', 'f', 'e', 'a':
                return javaClass(source.substring(start, at));
            case 'p', 'P', 'x', 'u':
                if (at < source.length() && source.charAt(at) == '{') {
                    int end = source.indexOf('}', at);
                    at = end < 0 ? source.length() : end + 1;
                } else {
                    at = Math.min(source.length(), at + (c == 'u' ? 4 : c == 'x' ? 2 : 1));
                }
                return javaClass(source.substring(start, at));
            default:
                if (Character.isLetterOrDigit(c)) {
                    throw wrong("\\" + Character.toString(c) + " is not known here (back references are not)");
                }
                return literal(c);
        }
    }

    private RegexNode literal(int c) {
        if (!anyCase) {
            return predicate("'" + c, c, x -> x == c);
        }
        int folded = fold(c);
        return predicate("i" + folded, -1, x -> fold(x) == folded);
    }

    private static int fold(int c) {
        return Character.toLowerCase(Character.toUpperCase(c));
    }

    private RegexNode javaClass(String text) {
        try {
            Pattern one =
                    Pattern.compile(text, Pattern.UNICODE_CHARACTER_CLASS | (anyCase ? Pattern.CASE_INSENSITIVE : 0));
            return predicate(
                    (anyCase ? "ci" : "c") + text,
                    -1,
                    c -> one.matcher(Character.toString(c)).matches());
        } catch (PatternSyntaxException e) {
            throw wrong(e.getDescription());
        }
    }

    private RegexNode predicate(String key, int literal, IntPredicate predicate) {
        int number = numbers.computeIfAbsent(key, k -> {
            predicates.add(predicate);
            return predicates.size() - 1;
        });
        return new RegexNode.One(number, literal);
    }
}
