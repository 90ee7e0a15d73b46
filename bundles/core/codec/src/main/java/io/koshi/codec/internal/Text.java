package io.koshi.codec.internal;

/** Cuts what somebody sent to what an error may repeat. */
final class Text {
    private static final int LONGEST = 60;

    private Text() {}

    static String brief(String text) {
        return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "…";
    }
}
