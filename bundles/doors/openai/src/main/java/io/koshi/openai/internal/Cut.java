package io.koshi.openai.internal;

import io.koshi.model.Tokens;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Where an answer is to end: before a stop sequence, also one that comes in pieces, or after so many tokens, as the hub
 * estimates them. Confined to one thread at a time.
 */
final class Cut {
    private final List<String> stops;
    private final boolean bounded;
    private final StringBuilder held = new StringBuilder(); // may be the beginning of a stop sequence
    private long quarters; // of a token, that may still be given
    private String reason;

    /** @param most tokens that are given */
    Cut(List<String> stops, OptionalInt most) {
        this.stops = stops;
        this.bounded = most.isPresent();
        this.quarters = 4L * most.orElse(0);
    }

    /** Takes more of the answer; what of it is to be given now. */
    String take(String text) {
        if (reason != null) {
            return "";
        }
        held.append(text);
        int end = stop();
        if (end >= 0) {
            held.setLength(end);
            return release(end, "stop");
        }
        return release(held.length() - openEnd(), null);
    }

    /** The answer has ended: what was held back. */
    String rest() {
        return reason == null ? release(held.length(), null) : "";
    }

    /** Why nothing more is given, in OpenAI's words; empty while there is no reason. */
    Optional<String> reason() {
        return Optional.ofNullable(reason);
    }

    private String release(int length, String then) {
        String out = held.substring(0, length);
        held.delete(0, length);
        reason = then;
        int end = bounded ? affordable(out) : out.length();
        if (end < out.length()) {
            reason = "length";
        }
        return out.substring(0, end);
    }

    /** How much of a text may still be given, counted as {@link Tokens} does; never half a character. */
    private int affordable(String text) {
        int i = 0;
        while (i < text.length()) {
            int point = text.codePointAt(i);
            quarters -= point < 0x80 ? 1 : 4;
            if (quarters < 0) {
                return i;
            }
            i += Character.charCount(point);
        }
        return i;
    }

    /** Where the first stop sequence begins, -1 where there is none. */
    private int stop() {
        int first = -1;
        for (String stop : stops) {
            int at = held.indexOf(stop);
            if (at >= 0 && (first < 0 || at < first)) {
                first = at;
            }
        }
        return first;
    }

    /** How many characters at the end may be the beginning of a stop sequence. */
    private int openEnd() {
        int longest = 0;
        for (String stop : stops) {
            for (int length = Math.min(stop.length() - 1, held.length()); length > longest; length--) {
                if (stop.startsWith(held.substring(held.length() - length))) {
                    longest = length;
                }
            }
        }
        return longest;
    }
}
