package io.koshi.frame.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Problem;
import io.koshi.frame.Form;
import io.koshi.frame.Line;
import io.koshi.rpc.Caller;
import io.koshi.rpc.Method;
import io.koshi.rpc.MethodInfo;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/**
 * A service at the other end of a connection: its methods are the hub's while it is there. Calls go to it under ids of
 * the hub's own, so that two callers with one id never meet. Thread-safe.
 */
final class RemoteService implements AutoCloseable {
    /** Bytes that may wait for a service before it gets no more calls. */
    private static final int BACKLOG = 4 << 20;

    private static final int MOST_UNANSWERED = 10_000;

    private final Registration registration;
    private final Form form;
    private final Line line;
    private final Wording wording;
    private final Instant since = Instant.now();
    private final AtomicLong ids = new AtomicLong();
    private final Map<String, CompletableFuture<Object>> unanswered = new ConcurrentHashMap<>();
    private final List<Runnable> withdrawals = new ArrayList<>();
    private volatile boolean gone;

    RemoteService(Registration registration, Form form, Line line, Wording wording) {
        this.registration = registration;
        this.form = form;
        this.line = line;
        this.wording = wording;
    }

    Registration registration() {
        return registration;
    }

    Instant since() {
        return since;
    }

    int pending() {
        return unanswered.size();
    }

    /**
     * Offers its methods.
     *
     * @param offer offers one; returns what withdraws it
     */
    void offer(Function<Method, Runnable> offer) {
        for (MethodInfo method : registration.methods()) {
            withdrawals.add(offer.apply(new Remote(method)));
        }
    }

    /** An answer of the service; false when nobody waits for it. */
    boolean answered(Envelope frame) {
        CompletableFuture<Object> waiting = unanswered.remove(frame.id());
        if (waiting == null) {
            return false;
        }
        if (frame.ok()) {
            Object result = frame.result();
            waiting.complete(result == null ? Map.of() : result);
        } else {
            waiting.completeExceptionally(failure(frame.error()));
        }
        return true;
    }

    /** Withdraws its methods; their callers are told at once. */
    @Override
    public void close() {
        gone = true;
        withdrawals.forEach(Runnable::run);
        unanswered.values().forEach(each -> each.completeExceptionally(left()));
        unanswered.clear();
    }

    private CompletionStage<Object> call(String method, Map<String, Object> params) {
        if (line.waiting() > BACKLOG || unanswered.size() >= MOST_UNANSWERED) {
            return CompletableFuture.failedFuture(KoshiException.overloaded(
                    registration.service() + " has more calls than it answers; try again later",
                    Duration.ofSeconds(1)));
        }
        String id = Long.toString(ids.incrementAndGet());
        CompletableFuture<Object> answer = new CompletableFuture<>();
        unanswered.put(id, answer);
        answer.whenComplete((value, failure) -> {
            if (failure != null) {
                unanswered.remove(id); // its time is over
            }
        });
        if (gone) {
            answer.completeExceptionally(left());
            return answer;
        }
        Sending.send(line, form, wording.request(form, id, registration.service(), method, params));
        return answer;
    }

    private KoshiException left() {
        return new KoshiException(
                ErrorCode.SERVICE_UNAVAILABLE,
                registration.service() + " went away before it answered; try again when it is back");
    }

    /** A failure of the service's own; one of the protocol's codes keeps it. */
    private KoshiException failure(Object error) {
        Map<?, ?> map = error instanceof Map<?, ?> known ? known : Map.of();
        String message = map.get("message") instanceof String text ? text : "the service says no more";
        return new KoshiException(code(map.get("code")), message, problems(map.get("details")));
    }

    private static ErrorCode code(Object value) {
        for (ErrorCode code : ErrorCode.values()) {
            if (code.name().equals(value)) {
                return code;
            }
        }
        return ErrorCode.METHOD_ERROR;
    }

    private static List<Problem> problems(Object value) {
        List<Problem> problems = new ArrayList<>();
        if (value instanceof List<?> list) {
            for (Object each : list) {
                if (each instanceof Map<?, ?> map
                        && map.get("path") instanceof String path
                        && map.get("problem") instanceof String problem
                        && problems.size() < 50) {
                    problems.add(new Problem(path, problem));
                }
            }
        }
        return problems;
    }

    /** One of its methods. */
    private final class Remote implements Method {
        private final MethodInfo info;

        Remote(MethodInfo info) {
            this.info = info;
        }

        @Override
        public MethodInfo info() {
            return info;
        }

        @Override
        public CompletionStage<Object> call(Caller caller, Map<String, Object> params) {
            return RemoteService.this.call(info.name(), params);
        }
    }
}
