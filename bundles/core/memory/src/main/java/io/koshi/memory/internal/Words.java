package io.koshi.memory.internal;

import java.text.Normalizer;
import java.util.Locale;
import java.util.regex.Pattern;

/** Tells whether two texts say the same. */
final class Words {
    private static final Pattern SPACE = Pattern.compile("\\s+");

    private Words() {}

    /** A text without halves of surrogate pairs, which no encoding can hold and each would lose in its own way. */
    static String wellFormed(String text) {
        if (text.codePoints().noneMatch(Words::half)) {
            return text;
        }
        return text.codePoints()
                .map(c -> half(c) ? 0xFFFD : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    private static boolean half(int c) {
        return c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE;
    }

    /** What two memories that say the same have in common: no case, no white space to speak of. */
    static String sameness(String content) {
        return SPACE.matcher(Normalizer.normalize(content, Normalizer.Form.NFKC)
                        .strip()
                        .toLowerCase(Locale.ROOT))
                .replaceAll(" ");
    }
}
