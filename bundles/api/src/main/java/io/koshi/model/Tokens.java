package io.koshi.model;

/** Estimates how many tokens a text is for a model, without a model's own tables. */
public final class Tokens {
    private static final int ASCII_PER_TOKEN = 4;

    private Tokens() {}

    /**
     * A quarter of the ASCII characters, and one for each other: English comes out within a fifth of what services
     * count, other scripts rather too high than too low.
     */
    public static int of(String text) {
        int ascii = 0;
        int others = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < 0x80) {
                ascii++;
            } else if (!Character.isLowSurrogate(c)) {
                others++;
            }
        }
        return others + (ascii + ASCII_PER_TOKEN - 1) / ASCII_PER_TOKEN;
    }

    /** The longest beginning of a text that is at most so many tokens; never half a character. */
    public static String cut(String text, int tokens) {
        if (text.length() <= tokens) {
            return text;
        }
        long quarters = 4L * tokens;
        int i = 0;
        while (i < text.length()) {
            int point = text.codePointAt(i);
            quarters -= point < 0x80 ? 1 : ASCII_PER_TOKEN;
            if (quarters < 0) {
                return text.substring(0, i);
            }
            i += Character.charCount(point);
        }
        return text;
    }
}
