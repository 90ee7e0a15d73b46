package io.koshi.skill.internal;

import java.text.Normalizer;
import java.util.Locale;

/**
 * Finds triggers in what a person says, as whole words and whatever their case: {@code report} is in "the Report!" and
 * not in "reporter". Scripts that put no space between words have no such edges.
 */
final class Trigger {
    private Trigger() {}

    /** A text as it is compared: one form of each character, lower case, single spaces. */
    static String normal(String text) {
        String one = isAscii(text) ? text : Normalizer.normalize(text, Normalizer.Form.NFKC);
        return one.toLowerCase(Locale.ROOT).replaceAll("\\s+", " ");
    }

    /** Such a text has one form only, and the tables of the others need not be read for it. */
    private static boolean isAscii(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) > 127) {
                return false;
            }
        }
        return true;
    }

    /** Whether a trigger stands in a text, both {@link #normal}. */
    static boolean in(String text, String trigger) {
        for (int from = text.indexOf(trigger); from >= 0; from = text.indexOf(trigger, from + 1)) {
            int to = from + trigger.length();
            boolean begins = from == 0 || edge(text.codePointBefore(from), trigger.codePointAt(0));
            boolean ends = to == text.length() || edge(trigger.codePointBefore(trigger.length()), text.codePointAt(to));
            if (begins && ends) {
                return true;
            }
        }
        return false;
    }

    private static boolean edge(int left, int right) {
        return !word(left) || !word(right) || spaceless(left) || spaceless(right);
    }

    private static boolean word(int c) {
        return Character.isLetterOrDigit(c) || c == '_' || Character.getType(c) == Character.NON_SPACING_MARK;
    }

    private static boolean spaceless(int c) {
        return switch (Character.UnicodeScript.of(c)) {
            case HAN, HIRAGANA, KATAKANA, THAI, LAO, KHMER, MYANMAR, HANGUL -> true;
            default -> false;
        };
    }
}
