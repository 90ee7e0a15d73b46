package io.koshi.frame.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.frame.Line;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the answers of one connection's calls, none longer than a frame, nor more than the client reads. Thread-safe. */
final class Answers {
    private static final Logger LOG = LoggerFactory.getLogger("io.koshi.frame");

    private final FrameMachine machine;
    private final Line line;

    Answers(FrameMachine machine, Line line) {
        this.machine = machine;
        this.line = line;
    }

    /** The frame of a call that is done, however it ended. */
    byte[] of(Envelope frame, CompletableFuture<Object> done) {
        try {
            Object result = done.join();
            long most = machine.limits().backlog() + 2L * machine.maxFrame();
            if (line.waiting() > most) {
                throw unread();
            }
            byte[] answer = machine.wording().answer(frame.form(), frame.id(), result == null ? Map.of() : result);
            if (answer.length > machine.maxFrame()) {
                throw new KoshiException(
                        ErrorCode.TOO_LARGE,
                        "The answer has more than gateway.maxFrame; ask for less of it at a time.");
            }
            if (line.waiting() + answer.length > most) {
                throw unread();
            }
            return answer;
        } catch (RuntimeException e) {
            return machine.wording().refusal(frame.form(), frame.id(), known(e));
        }
    }

    private static KoshiException unread() {
        return KoshiException.overloaded(
                "You do not read what you ask for; ask for less at a time.", Duration.ofSeconds(1));
    }

    /** The failure for the wire; one that is not known is the hub's own fault and in the log. */
    static KoshiException known(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof KoshiException known) {
            return known;
        }
        LOG.error("An answer could not be written", cause);
        return new KoshiException(ErrorCode.INTERNAL, "The answer could not be written; see the log.", cause);
    }
}
