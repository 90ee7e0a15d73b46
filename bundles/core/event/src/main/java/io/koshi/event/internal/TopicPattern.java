package io.koshi.event.internal;

import io.koshi.api.KoshiException;
import java.util.List;
import java.util.function.Predicate;

/** Topic patterns: {@code *} alone or at the end stands for any rest, as a whole segment for one segment. */
final class TopicPattern {
    private static final int LONGEST = 256;

    private TopicPattern() {}

    /**
     * What matches any of the patterns.
     *
     * @throws KoshiException INVALID_PARAMS for what is no pattern
     */
    static Predicate<String> anyOf(List<String> patterns) {
        List<Predicate<String>> each =
                patterns.stream().map(TopicPattern::compile).toList();
        return topic -> {
            for (Predicate<String> one : each) {
                if (one.test(topic)) {
                    return true;
                }
            }
            return false;
        };
    }

    /**
     * Checks that a topic can be published.
     *
     * @throws KoshiException INVALID_PARAMS when it cannot
     */
    static void checkTopic(String topic) {
        if (topic.isEmpty() || topic.length() > LONGEST || !topic.chars().allMatch(TopicPattern::isPlain)) {
            throw KoshiException.invalid("/topic", "a topic is 1 to " + LONGEST + " of A-Z a-z 0-9 _ . : -");
        }
    }

    private static Predicate<String> compile(String pattern) {
        check(pattern);
        int star = pattern.indexOf('*');
        if (star < 0) {
            return pattern::equals;
        }
        if (star == pattern.length() - 1) {
            String prefix = pattern.substring(0, star);
            return topic -> topic.startsWith(prefix);
        }
        return segments(pattern);
    }

    private static Predicate<String> segments(String pattern) {
        boolean openEnd = pattern.endsWith("*");
        String[] wanted = (openEnd ? pattern.substring(0, pattern.length() - 1) : pattern).split("\\.", -1);
        int last = wanted.length - 1;
        return topic -> {
            String[] given = topic.split("\\.", -1);
            if (openEnd ? given.length < wanted.length : given.length != wanted.length) {
                return false;
            }
            for (int i = 0; i < last; i++) {
                if (!wanted[i].equals("*") && !wanted[i].equals(given[i])) {
                    return false;
                }
            }
            return openEnd
                    ? given[last].startsWith(wanted[last])
                    : wanted[last].equals("*") || wanted[last].equals(given[last]);
        };
    }

    private static void check(String pattern) {
        String[] segments = pattern.split("\\.", -1);
        int last = segments.length - 1;
        boolean good = !pattern.isEmpty() && pattern.length() <= LONGEST;
        for (int i = 0; i <= last && good; i++) {
            String segment = segments[i];
            String plain = i == last && segment.endsWith("*") ? segment.substring(0, segment.length() - 1) : segment;
            good = segment.equals("*") || plain.chars().allMatch(TopicPattern::isPlain);
        }
        if (!good) {
            throw KoshiException.invalid(
                    "/topics",
                    "'" + pattern
                            + "' is no topic pattern: A-Z a-z 0-9 _ . : - with * at the end or as a whole segment");
        }
    }

    private static boolean isPlain(int c) {
        return c < 128 && (Character.isLetterOrDigit(c) || c == '_' || c == '.' || c == ':' || c == '-');
    }
}
