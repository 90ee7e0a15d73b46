package io.koshi.tool.internal;

import io.koshi.tool.Approvals.Answer;
import io.koshi.tool.Approvals.Pending;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Requests that an earlier hub left behind, until the run that made each has begun again and asks for the very same: then
 * it goes on with that request, or with what a person has said to it meanwhile. Thread-safe.
 */
final class LeftOpen {
    private final Map<Call, Left> left = new HashMap<>();

    /** What a run asks for, by its seal. */
    private record Call(String runId, String seal) {
        static Call of(Pending pending) {
            return new Call(pending.request().runId(), pending.argsHash());
        }
    }

    /** A request and what is said to it. */
    record Left(Pending pending, CompletableFuture<Answer> answer) {}

    synchronized void add(Pending pending, CompletableFuture<Answer> answer) {
        left.put(Call.of(pending), new Left(pending, answer));
    }

    /** Gives it to the run that asks for this; to nobody else from then on. */
    synchronized Optional<Left> claim(String runId, String seal) {
        return Optional.ofNullable(left.remove(new Call(runId, seal)));
    }

    /** Whether nobody had claimed it; nobody can from now on. */
    synchronized boolean drop(Pending pending) {
        return left.remove(Call.of(pending)) != null;
    }

    /** Those a run has not asked for again. */
    synchronized List<Pending> of(String runId) {
        return left.values().stream()
                .map(Left::pending)
                .filter(pending -> pending.request().runId().equals(runId))
                .toList();
    }
}
