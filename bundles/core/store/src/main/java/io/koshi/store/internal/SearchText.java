package io.koshi.store.internal;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Splits texts and queries into words for full-text search. Chinese, Japanese, Korean, Thai and the like have no
 * spaces to split at, or not where a stem ends, so a run of such characters is kept as its overlapping pairs and,
 * apart, as its characters: a query of one character finds by the latter, a longer one by any of its pairs.
 */
final class SearchText {
    private static final int MAX_WORDS = 64;
    private static final Pattern URL = Pattern.compile("(?i)\\b(?:https?|ftp|file)://\\S+|\\bwww\\.\\S+");
    private static final Pattern NO_WORD = Pattern.compile("[^\\p{L}\\p{N}\\p{M}]+");

    private SearchText() {}

    /**
     * @param words the text with each unspaced run replaced by its pairs
     * @param characters the characters of all unspaced runs, apart
     */
    record Indexed(String words, String characters) {}

    static Indexed index(String text) {
        StringBuilder words = new StringBuilder(text.length() + 16);
        StringBuilder characters = new StringBuilder();
        for (String run : runs(text)) {
            if (isUnspaced(run.codePointAt(0))) {
                words.append(' ').append(pairs(run)).append(' ');
                run.codePoints()
                        .filter(Character::isLetter)
                        .forEach(c -> characters.appendCodePoint(c).append(' '));
            } else {
                words.append(run);
            }
        }
        return new Indexed(words.toString(), characters.toString());
    }

    /**
     * FTS5 phrases (sqlite.org/fts5.html, 3) for a person's words, each of which may match; addresses of web pages,
     * punctuation and single letters are no words.
     */
    static List<String> terms(String asked) {
        Set<String> terms = new LinkedHashSet<>();
        String plain = Normalizer.normalize(asked, Normalizer.Form.NFC).toLowerCase(Locale.ROOT);
        plain = NO_WORD.matcher(URL.matcher(plain).replaceAll(" ")).replaceAll(" ");
        for (String word : plain.split(" ")) {
            for (String run : runs(word)) {
                addTerms(run, terms);
            }
        }
        return terms.stream().limit(MAX_WORDS).toList();
    }

    /** As {@link #terms}, of the single ideographs: for a question of which no pair is found. */
    static List<String> ideographs(String asked) {
        return asked.codePoints()
                .filter(Character::isIdeographic)
                .distinct()
                .limit(MAX_WORDS)
                .mapToObj(c -> "characters : \"" + Character.toString(c) + "\"")
                .toList();
    }

    private static void addTerms(String run, Set<String> terms) {
        if (!isUnspaced(run.codePointAt(0))) {
            if (run.codePointCount(0, run.length()) > 1) {
                terms.add("words : \"" + run + "\"");
            }
            return;
        }
        String pairs = pairs(run);
        if (pairs.codePointCount(0, pairs.length()) == 1) {
            terms.add("characters : \"" + pairs + "\"");
        } else {
            for (String pair : pairs.split(" ")) {
                terms.add("words : \"" + pair + "\"");
            }
        }
    }

    /** A text in pieces that are wholly unspaced or wholly not. */
    private static List<String> runs(String text) {
        List<String> runs = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            if (i > start && isUnspaced(c) != isUnspaced(text.codePointAt(start))) {
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
        int[] points = run.codePoints().filter(Character::isLetter).toArray(); // the index knows no marks
        if (points.length < 2) {
            return new String(points, 0, points.length);
        }
        StringBuilder pairs = new StringBuilder(run.length() * 3);
        for (int i = 0; i + 1 < points.length; i++) {
            pairs.append(i == 0 ? "" : " ").appendCodePoint(points[i]).appendCodePoint(points[i + 1]);
        }
        return pairs.toString();
    }

    private static boolean isUnspaced(int c) {
        if (c < 0x0E00) {
            return false;
        }
        return switch (Character.UnicodeScript.of(c)) {
            case HAN, HIRAGANA, KATAKANA, HANGUL, BOPOMOFO -> Character.isLetter(c);
            case THAI, LAO, KHMER, MYANMAR -> !Character.isDigit(c);
            default -> c == 0x30FC; // the prolonged sound mark belongs to no script of its own
        };
    }
}
