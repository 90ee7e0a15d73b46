package io.koshi.agent.internal;

/** Cuts texts to size, never inside a character. */
final class Words {
    private Words() {}

    static String cut(String text, int most) {
        if (text.length() <= most) {
            return text;
        }
        int end = most > 0 && Character.isHighSurrogate(text.charAt(most - 1)) ? most - 1 : most;
        return text.substring(0, end);
    }

    /** The same with a mark where something is missing. */
    static String shortened(String text, int most) {
        return text.length() <= most ? text : cut(text, Math.max(0, most - 1)) + "…";
    }

    /** The first line with words in it. */
    static String title(String text, int most) {
        return text.lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .findFirst()
                .map(line -> shortened(line, most))
                .orElse("");
    }

    /** All of it on one line. */
    static String oneLine(String text, int most) {
        return shortened(cut(text, most * 4 + 64).strip().replaceAll("\\s+", " "), most);
    }
}
