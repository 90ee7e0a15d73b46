package io.koshi.agent.internal;

import io.koshi.model.Usage;
import io.koshi.rpc.Doc;
import io.koshi.store.Row;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What this room tells others of runs. */
final class AgentViews {
    private AgentViews() {}

    /** Why a run or an attempt failed. */
    record Failure(
            @Doc("An error code.") String code,
            @Doc("A sentence.") String message) {
        static Failure of(io.koshi.api.KoshiException e) {
            return new Failure(e.code().name(), e.getMessage());
        }
    }

    /** Payload of {@code run.started}. */
    record Started(
            String sessionKey,
            String runId,
            List<String> messageIds,
            String model,
            int attempt,
            Optional<String> parentRunId,
            Optional<String> taskId,
            Optional<String> skill) {}

    /**
     * Payload of {@code run.delta}.
     *
     * @param tools names of the tools that were called since the delta before, in the order they ended
     * @param cost of the attempt's rounds so far, with the first delta after each, where the model has a price
     */
    record Delta(
            String sessionKey,
            String runId,
            long index,
            String delta,
            Optional<List<String>> tools,
            Optional<Double> cost) {}

    /** Payload of {@code run.tool}. */
    record ToolStep(
            String sessionKey,
            String runId,
            String callId,
            String name,
            Phase phase,
            Optional<Map<String, Object>> args,
            Optional<Boolean> ok,
            Optional<String> output,
            Optional<Long> durationMs) {}

    /** Whether a tool begins or has ended. */
    enum Phase {
        START,
        END
    }

    /** Payload of {@code run.failed}. */
    record Failed(String sessionKey, String runId, int attempt, Failure error, boolean willRetry) {}

    /** Payload of {@code run.completed}, and the result of {@code agent.run}. */
    record Completed(
            @Doc("Whose conversation it was.") String sessionKey,
            @Doc("The run's ULID.") String runId,
            @Doc("What the model said.") String response,
            @Doc("Whether it is done.") boolean success,
            @Doc("done, failed or cancelled.") Ending.Status status,
            @Doc("Why it failed.") Optional<Failure> error,
            @Doc("Tokens used by all attempts.") Usage usage,

            @Doc("What they cost, where the models have a price.")
            Optional<Double> cost,

            @Doc("The run whose exchange its message was put into, and whose answer this is.")
            Optional<String> joined,

            @Doc("From being queued to its end.") long durationMs) {}

    /** A run as a list shows it. */
    record Run(
            @Doc("The run's ULID.") String runId,
            @Doc("Whose conversation it is.") String sessionKey,

            @Doc("queued, running, done, failed or cancelled.")
            String status,

            @Doc("The model of the newest attempt.") Optional<String> model,
            @Doc("Counts from 1.") long attempt,
            @Doc("The task it works on.") Optional<String> taskId,
            @Doc("The skill a specialist works by.") Optional<String> skill,
            @Doc("The run that gave it out.") Optional<String> parentRunId,
            @Doc("Why the newest attempt failed.") Optional<Failure> error,
            @Doc("Tokens used so far.") Usage usage,
            @Doc("When it was asked for.") Instant createdAt,
            @Doc("When it first began.") Optional<Instant> startedAt,
            @Doc("When it ended.") Optional<Instant> endedAt) {}

    static Run run(Row row) {
        return new Run(
                row.text("run_id"),
                row.text("session"),
                row.text("state"),
                row.optional("used_model"),
                row.number("attempt"),
                row.optional("task_id"),
                row.optional("skill"),
                row.optional("parent_run_id"),
                row.optional("error_code").map(code -> new Failure(code, row.text("error"))),
                usage(row),
                row.instant("created_at"),
                Optional.ofNullable(row.instant("started_at")),
                Optional.ofNullable(row.instant("ended_at")));
    }

    static Usage usage(Row row) {
        return new Usage(
                row.number("input_tokens"),
                row.number("output_tokens"),
                row.number("cache_read_tokens"),
                row.number("cache_write_tokens"));
    }
}
