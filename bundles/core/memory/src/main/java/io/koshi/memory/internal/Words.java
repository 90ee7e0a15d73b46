package io.koshi.memory.internal;

import java.text.Normalizer;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Makes plain search words of what a person asks, and tells whether two texts say the same. */
final class Words {
    private static final Pattern URL = Pattern.compile("(?i)\\b(?:https?|ftp|file)://\\S+|\\bwww\\.\\S+");
    private static final Pattern HYPHEN = Pattern.compile("\\p{Pd}");
    private static final Pattern PUNCTUATION = Pattern.compile("[\\p{Punct}\\p{P}\\p{S}\\p{Cntrl}]+");
    private static final Pattern SPACE = Pattern.compile("\\s+");
    private static final int MOST = 64;

    private Words() {}

    /** URLs gone, hyphens parted, punctuation and single letters dropped; at most 64 words. */
    static List<String> of(String asked) {
        String plain =
                URL.matcher(Normalizer.normalize(asked, Normalizer.Form.NFC)).replaceAll(" ");
        plain = HYPHEN.matcher(plain).replaceAll(" ");
        plain = PUNCTUATION.matcher(plain).replaceAll(" ");
        return Stream.of(SPACE.split(plain.strip()))
                .filter(Words::worth)
                .limit(MOST)
                .toList();
    }

    /** What two memories that say the same have in common: no case, no white space to speak of. */
    static String sameness(String content) {
        return SPACE.matcher(Normalizer.normalize(content, Normalizer.Form.NFKC)
                        .strip()
                        .toLowerCase(Locale.ROOT))
                .replaceAll(" ");
    }

    private static boolean worth(String word) {
        int first = word.isEmpty() ? 0 : word.codePointAt(0);
        return word.codePointCount(0, word.length()) > 1 || Character.isIdeographic(first);
    }
}
