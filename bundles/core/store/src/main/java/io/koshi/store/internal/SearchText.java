package io.koshi.store.internal;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Splits texts and queries into words for full-text search. Chinese, Japanese and Korean have no spaces to
 * split at, so a run of such characters is kept as its overlapping pairs and, apart, as its characters:
 * a query of one character finds by the latter, a longer one by the pairs in their order.
 */
final class SearchText {
    private static final int MAX_WORDS = 64;
    private static final Pattern URL = Pattern.compile("(?i)\\b(?:https?|ftp)://\\S+");
    private static final Pattern NO_WORD = Pattern.compile("[^\\p{L}\\p{N}\\p{M}]+");

    private SearchText() {}

    /**
     * @param words the text with each CJK run replaced by its pairs
     * @param characters the characters of all CJK runs, apart
     */
    record Indexed(String words, String characters) {}

    static Indexed index(String text) {
        StringBuilder words = new StringBuilder(text.length() + 16);
        StringBuilder characters = new StringBuilder();
        for (String run : runs(text)) {
            if (isCjk(run.codePointAt(0))) {
                words.append(' ').append(pairs(run)).append(' ');
                run.codePoints().forEach(c -> characters.appendCodePoint(c).append(' '));
            } else {
                words.append(run);
            }
        }
        return new Indexed(words.toString(), characters.toString());
    }

    /**
     * An FTS5 query (sqlite.org/fts5.html, 3) that finds any of a person's words; empty when there is none
     * to look for. Addresses of web pages, punctuation and single letters are no words.
     */
    static String query(String asked) {
        Set<String> terms = new LinkedHashSet<>();
        String plain = NO_WORD.matcher(URL.matcher(asked).replaceAll(" ")).replaceAll(" ");
        for (String word : plain.split(" ")) {
            for (String run : runs(word)) {
                if (terms.size() < MAX_WORDS) {
                    term(run, terms);
                }
            }
        }
        return String.join(" OR ", terms);
    }

    private static void term(String run, Set<String> terms) {
        int length = run.codePointCount(0, run.length());
        if (!isCjk(run.codePointAt(0))) {
            if (length > 1) {
                terms.add("words : \"" + run + "\"");
            }
        } else if (length == 1) {
            terms.add("characters : \"" + run + "\"");
        } else {
            terms.add("words : \"" + pairs(run) + "\"");
        }
    }

    /** A text in pieces that are wholly CJK or wholly not. */
    private static List<String> runs(String text) {
        List<String> runs = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            if (i > start && isCjk(c) != isCjk(text.codePointAt(start))) {
                runs.add(text.substring(start, i));
                start = i;
            }
            i += Character.charCount(c);
        }
        if (start < text.length()) {
            runs.add(text.substring(start));
        }
        return runs;
    }

    private static String pairs(String run) {
        int[] points = run.codePoints().toArray();
        if (points.length == 1) {
            return run;
        }
        StringBuilder pairs = new StringBuilder(run.length() * 3);
        for (int i = 0; i + 1 < points.length; i++) {
            pairs.append(i == 0 ? "" : " ").appendCodePoint(points[i]).appendCodePoint(points[i + 1]);
        }
        return pairs.toString();
    }

    private static boolean isCjk(int c) {
        if (c < 0x1100 || !Character.isLetter(c)) {
            return false;
        }
        return switch (Character.UnicodeScript.of(c)) {
            case HAN, HIRAGANA, KATAKANA, HANGUL, BOPOMOFO -> true;
            default -> c == 0x30FC; // the prolonged sound mark belongs to no script of its own
        };
    }
}
