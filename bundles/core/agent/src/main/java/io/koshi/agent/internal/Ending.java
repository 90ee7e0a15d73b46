package io.koshi.agent.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.model.Usage;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How a turn ended.
 *
 * @param response what the model said; of a cancelled turn what it had said by then; of a failed one nothing, unless it
 *     failed because a tool was denied
 * @param error why it failed or who cancelled it
 * @param usage of all attempts
 * @param calls the tools it ran, in order
 * @param read numbers of the results it has read
 * @param effect what a command of the hub's own does in the commit that ends it; such a turn leaves no lines
 */
record Ending(
        Status status,
        String response,
        Optional<KoshiException> error,
        Usage usage,
        List<ToolRun> calls,
        List<Long> read,
        Optional<Command.Effect> effect) {
    /** The three ends of a turn. */
    enum Status {
        DONE,
        FAILED,
        CANCELLED
    }

    static Ending of(Status status, Attempt.Outcome outcome, Usage before, Optional<KoshiException> error) {
        String response = switch (status) {
            case DONE -> outcome.result().orElseThrow().text();
            case CANCELLED -> outcome.said();
            case FAILED -> "";
        };
        return new Ending(
                status,
                response,
                error,
                before.plus(outcome.usage()),
                outcome.calls(),
                status == Status.DONE ? outcome.read() : List.of(),
                outcome.effect());
    }

    /**
     * How a specialist's answer counts: failed, with what it said, where the last call of one of its tools was denied. It
     * may have said that all is well; whoever gave the work out is told what was not done.
     */
    static Ending ofSpecialist(Attempt.Outcome outcome, Usage before) {
        Ending done = of(Status.DONE, outcome, before, Optional.empty());
        Map<String, Boolean> last = new LinkedHashMap<>();
        done.calls().forEach(call -> last.put(call.name(), call.denied()));
        List<String> denied = last.keySet().stream().filter(last::get).toList();
        if (denied.isEmpty()) {
            return done;
        }
        KoshiException why = new KoshiException(
                ErrorCode.FORBIDDEN, String.join(", ", denied) + " was not allowed, so the work is not whole");
        return new Ending(
                Status.FAILED,
                done.response(),
                Optional.of(why),
                done.usage(),
                done.calls(),
                done.read(),
                done.effect());
    }

    static Ending of(Status status, Usage used, KoshiException error) {
        return new Ending(status, "", Optional.of(error), used, List.of(), List.of(), Optional.empty());
    }
}
