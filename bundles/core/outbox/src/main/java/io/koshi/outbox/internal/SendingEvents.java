package io.koshi.outbox.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.Receipt;
import io.koshi.event.Events;
import java.util.Optional;

/** Tells the bus what became of replies, after it is on disk. Thread-safe. */
final class SendingEvents {
    private static final String SOURCE = "outbox";

    private final Events events;

    SendingEvents(Events events) {
        this.events = events;
    }

    /** Payload of {@code message.sent}. */
    record Sent(
            String id,
            Optional<String> inReplyTo,
            String channel,
            String conversation,
            String userId,
            Optional<String> platformId,
            Receipt.Status status,
            int attempt,
            boolean duplicate) {}

    /** Payload of {@code message.failed}. */
    record Failed(
            String id,
            Optional<String> inReplyTo,
            String channel,
            String conversation,
            String stage,
            Cause error,
            int attempt,
            boolean final_) {}

    /** An error as the wire has it: the code's name as it is. */
    record Cause(String code, String message) {}

    void sent(Ledger.Line line, Receipt receipt) {
        events.publish(
                SOURCE,
                "message.sent",
                new Sent(
                        line.id(),
                        line.inReplyTo(),
                        line.to().channel(),
                        line.to().conversation(),
                        line.to().conversation(),
                        receipt.platformId(),
                        receipt.status(),
                        line.attempts(),
                        line.duplicate()));
    }

    void failed(Ledger.Line line, ErrorCode code, String message, boolean last) {
        events.publish(
                SOURCE,
                "message.failed",
                new Failed(
                        line.id(),
                        line.inReplyTo(),
                        line.to().channel(),
                        line.to().conversation(),
                        "send",
                        new Cause(code.name(), message),
                        line.attempts(),
                        last));
    }
}
