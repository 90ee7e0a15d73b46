package io.koshi.tool.internal;

/** Cuts what a tool gave to what is kept of it: the beginning, which says what it is, and the end, which says how it went. */
final class KeptOutput {
    /** The most that is kept, in characters, the note on what was left out included. */
    static final int MOST = 100_000;

    private static final int HEAD = MOST * 7 / 9 - 100;
    private static final int TAIL = MOST * 2 / 9 - 100;

    private KeptOutput() {}

    static String of(String output) {
        if (output.length() <= MOST) {
            return output;
        }
        int head = whole(output, HEAD);
        int tail = whole(output, output.length() - TAIL);
        return output.substring(0, head) + "\n[… " + (tail - head) + " of " + output.length()
                + " characters left out …]\n" + output.substring(tail);
    }

    /** Never between the halves of a character. */
    private static int whole(String output, int at) {
        return Character.isLowSurrogate(output.charAt(at)) ? at - 1 : at;
    }
}
