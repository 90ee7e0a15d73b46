package io.koshi.tool.internal;

import io.koshi.codec.Codec;
import io.koshi.config.Settings;
import io.koshi.tool.Approvals.Pending;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.stream.Collectors;

/** What is said in a conversation about a request. Thread-safe. */
final class ApprovalWords {
    /** Characters of an id's end by which a person names it; what {@code /approve} takes. */
    static final int SHORT = 6;

    private static final int MAX_ARGUMENTS = 1500;

    private final Codec codec;
    private final Settings settings;

    ApprovalWords(Codec codec, Settings settings) {
        this.codec = codec;
        this.settings = settings;
    }

    static String shortId(String id) {
        return id.substring(id.length() - SHORT);
    }

    String question(Pending pending) {
        String arguments = new String(codec.json(pending.request().arguments()), StandardCharsets.UTF_8);
        if (arguments.length() > MAX_ARGUMENTS) {
            arguments = arguments.substring(0, MAX_ARGUMENTS) + "… (" + arguments.length()
                    + " characters; approval.list shows all)";
        }
        String bound = pending.request().bound().entrySet().stream()
                .sorted(java.util.Map.Entry.comparingByKey())
                .map(fact -> "\n" + fact.getKey() + ": " + fact.getValue())
                .collect(Collectors.joining());
        Duration left = Duration.between(pending.createdAt(), pending.expiresAt());
        String id = shortId(pending.id());
        return settings.redact(
                "May I run " + pending.request().tool() + " " + arguments + "?" + bound + "\nI ask because "
                        + pending.request().reason() + ". Say /approve " + id + " or /deny " + id + " within "
                        + left.toSeconds() + " s; without an answer I do not.");
    }
}
