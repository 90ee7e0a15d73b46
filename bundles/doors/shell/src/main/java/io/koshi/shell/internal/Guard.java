package io.koshi.shell.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import java.util.regex.Pattern;

/**
 * Refuses lines that would end the hub by its framework, where nothing is drained. It guards against slips, not
 * against a caller who is set on it: who may use the shell may stop the hub anyway.
 */
final class Guard {
    /** Where a command may begin: at the start, after a separator, or inside a bracket. */
    private static final String BEGIN = "(?:^|[;|&({\\n])\\s*";

    private static final Pattern LEAVE =
            Pattern.compile(BEGIN + "(?:\\w+:)?(?:exit|quit|close|shutdown|halt|logout)\\b");
    private static final Pattern FRAMEWORK = Pattern.compile(
            BEGIN
                    + "(?:\\w+:)?(?:stop|update|uninstall|restart)\\b[^;|&\\n]*?\\s(?:0|system\\.bundle|org\\.apache\\.felix\\.framework)(?:\\s|[;|&)}]|$)");
    private static final Pattern SYSTEM_BUNDLE = Pattern.compile(
            "(?:bundle\\s+0|getbundle\\s+0|systembundle|\\bsystem\\s+bundle)\\b.*\\b(?:stop|update|uninstall)\\b|\\bsystem:(?:exit|halt)\\b",
            Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    private Guard() {}

    /** @throws KoshiException FORBIDDEN with the command that does it in order */
    static void check(String line) {
        if (LEAVE.matcher(line).find()
                || FRAMEWORK.matcher(line).find()
                || SYSTEM_BUNDLE.matcher(line).find()) {
            throw new KoshiException(
                    ErrorCode.FORBIDDEN,
                    "The shell does not stop the hub; 'koshi stop' does, and lets it finish first.");
        }
    }
}
