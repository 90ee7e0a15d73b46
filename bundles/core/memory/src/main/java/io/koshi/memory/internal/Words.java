package io.koshi.memory.internal;

import java.text.Normalizer;
import java.util.Locale;
import java.util.regex.Pattern;

/** Tells whether two texts say the same. */
final class Words {
    private static final Pattern SPACE = Pattern.compile("\\s+");

    private Words() {}

    /** What two memories that say the same have in common: no case, no white space to speak of. */
    static String sameness(String content) {
        return SPACE.matcher(Normalizer.normalize(content, Normalizer.Form.NFKC)
                        .strip()
                        .toLowerCase(Locale.ROOT))
                .replaceAll(" ");
    }
}
