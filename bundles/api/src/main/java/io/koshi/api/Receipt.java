package io.koshi.api;

import java.util.Optional;

/**
 * What a platform said of a reply.
 *
 * @param platformId the platform's id of the message it made, where it gave one
 */
public record Receipt(Optional<String> platformId, Status status) {
    /** Whether the platform confirmed. */
    public enum Status {
        SENT,
        UNKNOWN
    }

    public static Receipt of(String platformId) {
        return new Receipt(Optional.of(platformId), Status.SENT);
    }

    /** Taken by the platform, which gives no id. */
    public static Receipt sent() {
        return new Receipt(Optional.empty(), Status.SENT);
    }

    /** Handed over, and nothing can be known of its fate. */
    public static Receipt unknown() {
        return new Receipt(Optional.empty(), Status.UNKNOWN);
    }
}
