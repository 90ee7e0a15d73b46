package io.koshi.model.command;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * How a program ended, and what that means to the hub.
 *
 * @param code its exit code; 128 and the signal where one ended it
 * @param complaint the last of what it wrote to standard error
 * @param error what its answer says went wrong
 */
record Ending(int code, String complaint, Optional<String> error) {
    private static final int SHOWN = 300;
    private static final int NOT_EXECUTABLE = 126;
    private static final int NOT_FOUND = 127;
    private static final int SIGNAL = 128;

    private static final Pattern BUSY = Pattern.compile(
            "(?i)rate.?limit|too many requests|usage limit|hit your .{0,20}limit|overloaded|quota|\\b(429|529)\\b");
    private static final Pattern STRANGER = Pattern.compile(
            "(?i)not logged in|please (run|log).{0,20}log.?in|unauthori[sz]ed|invalid api key|authentication|\\b401\\b");
    private static final Pattern STALE = Pattern.compile(
            "(?i)no (conversation|session|rollout|thread)s? (was )?found|(session|conversation|thread).{0,60}not found");

    /** What went wrong; empty when it ended well. */
    Optional<KoshiException> failure(String program) {
        if (code == 0 && error.isEmpty()) {
            return Optional.empty();
        }
        String said = error.filter(text -> !text.isBlank()).orElse(complaint).strip();
        String shown = said.length() <= SHOWN ? said : "…" + said.substring(said.length() - SHOWN);
        return Optional.of(new KoshiException(meaning(said), sentence(program, shown)));
    }

    private ErrorCode meaning(String said) {
        if (BUSY.matcher(said).find()) {
            return ErrorCode.OVERLOADED;
        }
        if (STRANGER.matcher(said).find()) {
            return ErrorCode.UNAUTHORIZED;
        }
        if (code == NOT_FOUND) {
            return ErrorCode.NOT_FOUND;
        }
        if (code == NOT_EXECUTABLE) {
            return ErrorCode.FORBIDDEN;
        }
        return code > SIGNAL ? ErrorCode.SERVICE_UNAVAILABLE : ErrorCode.METHOD_ERROR;
    }

    private String sentence(String program, String said) {
        String how = switch (code) {
            case 0 -> "failed";
            case NOT_EXECUTABLE -> "cannot be run (126): check its permissions";
            case NOT_FOUND -> "or something it needs is not there (127): install it";
            default -> code > SIGNAL ? "was ended by signal " + (code - SIGNAL) : "ended with " + code;
        };
        return "'" + program + "' " + how + (said.isEmpty() ? "" : ": " + said);
    }

    /** Whether it does not know the conversation that it was asked to go on with. */
    boolean stale() {
        return STALE.matcher(complaint).find()
                || error.filter(text -> STALE.matcher(text).find()).isPresent();
    }
}
