package io.koshi.tool.internal;

import io.koshi.codec.Default;
import io.koshi.rpc.Doc;
import io.koshi.tool.Approvals.Pending;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;

/** What is said of approvals on the bus and by methods. */
final class ApprovalEvents {
    private ApprovalEvents() {}

    /** How a person decides. */
    enum Decision {
        ALLOW,
        DENY;

        static Decision of(boolean allowed) {
            return allowed ? ALLOW : DENY;
        }

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Payload of {@code approval.requested}. */
    record Requested(
            @Doc("Its id, for approval.decide.") String id,
            @Doc("The run that waits.") String runId,

            @Doc("The session in whose conversation it is asked.")
            String sessionKey,

            @Doc("The tool.") String tool,
            @Doc("Exactly what it would be told.") Map<String, Object> args,

            @Doc("SHA-256 of what the approval is bound to: tool, arguments and the facts below.")
            String argsHash,

            @Doc("Facts the approval holds for besides the arguments, such as a file's hash.") @Default("{}")
            Map<String, String> bound,

            @Doc("Why a person is asked.") String reason,
            @Doc("When it was asked.") Instant createdAt,
            @Doc("When it is denied by itself.") Instant expiresAt) {
        static Requested of(Pending pending) {
            return new Requested(
                    pending.id(),
                    pending.request().runId(),
                    pending.request().person(),
                    pending.request().tool(),
                    pending.request().arguments(),
                    pending.argsHash(),
                    pending.request().bound(),
                    pending.request().reason(),
                    pending.createdAt(),
                    pending.expiresAt());
        }
    }

    /** Payload of {@code approval.decided}. */
    record Decided(
            @Doc("The request.") String id,
            @Doc("allow or deny; a time-out is a denial.") Decision decision,

            @Doc("Who decided: a caller's name, timeout, restart, or the end of its run.")
            String by) {
        static Decided of(String id, boolean allowed, String by) {
            return new Decided(id, Decision.of(allowed), by);
        }
    }
}
