package io.koshi.task.internal;

import io.koshi.api.ErrorCode;
import java.util.Optional;

/**
 * How an attempt ended.
 *
 * @param word the attempt's status: done, failed, lost or released
 */
record Outcome(
        String word,
        Optional<String> result,
        Optional<String> resultRef,
        Optional<ErrorCode> code,
        Optional<String> error) {
    private static final int MAX_ERROR = 8000;

    static Outcome done(String result) {
        return new Outcome("done", Optional.of(result), Optional.empty(), Optional.empty(), Optional.empty());
    }

    static Outcome doneByReference(String ref) {
        return new Outcome("done", Optional.empty(), Optional.of(ref), Optional.empty(), Optional.empty());
    }

    static Outcome failed(ErrorCode code, String error) {
        return bad("failed", code, error);
    }

    /** Its worker went away or was silent for too long. */
    static Outcome lost(String error) {
        return bad("lost", ErrorCode.TIMEOUT, error);
    }

    /** Its worker gave it back; not the task's fault. */
    static Outcome released(String why) {
        return bad("released", ErrorCode.SERVICE_UNAVAILABLE, why);
    }

    private static Outcome bad(String word, ErrorCode code, String error) {
        String kept = error.length() <= MAX_ERROR ? error : error.substring(0, MAX_ERROR);
        return new Outcome(word, Optional.empty(), Optional.empty(), Optional.of(code), Optional.of(kept));
    }

    /** Whether the task itself may be the reason. */
    boolean failed() {
        return word.equals("failed");
    }

    boolean lost() {
        return word.equals("lost");
    }

    /** The same end, which is the last one. */
    Outcome andNoMore(String why) {
        return bad(word, code.orElse(ErrorCode.TIMEOUT), error.orElse("") + "; " + why);
    }
}
