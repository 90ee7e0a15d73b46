package io.koshi.agent.internal;

import io.koshi.api.KoshiException;
import io.koshi.model.Usage;
import java.util.List;
import java.util.Optional;

/**
 * How a turn ended.
 *
 * @param response what the model said, empty unless done
 * @param error why it failed or who cancelled it
 * @param calls the tools it ran, in order
 */
record Ending(Status status, String response, Optional<KoshiException> error, Usage usage, List<ToolRun> calls) {
    /** The three ends of a turn. */
    enum Status {
        DONE,
        FAILED,
        CANCELLED
    }

    static Ending done(Exchange.Result result, Usage before) {
        return new Ending(Status.DONE, result.text(), Optional.empty(), before.plus(result.usage()), result.calls());
    }

    static Ending failed(KoshiException error, Usage usage, List<ToolRun> calls) {
        return new Ending(Status.FAILED, "", Optional.of(error), usage, calls);
    }

    static Ending cancelled(KoshiException error, Usage usage, List<ToolRun> calls) {
        return new Ending(Status.CANCELLED, "", Optional.of(error), usage, calls);
    }
}
