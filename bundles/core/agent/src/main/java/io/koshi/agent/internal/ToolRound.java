package io.koshi.agent.internal;

import io.koshi.api.Trust;
import io.koshi.model.ToolCall;
import io.koshi.tool.Tools;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the calls of a model's answer side by side and gives what they gave in the order they were asked for. The run's
 * own thread takes part, so calls go on where no other thread is free. Notices a call that is made over and over.
 * Confined to its run's thread.
 */
final class ToolRound {
    /** Calls one answer may make; the rest are told so. */
    static final int MAX_CALLS = 32;

    /** How often the very same call is run in a run. */
    static final int SAME = 3;

    private static final Logger LOG = LoggerFactory.getLogger(ToolRound.class);

    /** Hears of calls, on any thread. */
    interface Listener {
        void toolStarts(ToolCall call);

        void toolEnded(ToolRun run);
    }

    private final Tools tools;
    private final Executor threads;
    private final Listener listener;
    private final Map<Object, Integer> made = new HashMap<>();

    ToolRound(Tools tools, Executor threads, Listener listener) {
        this.tools = tools;
        this.threads = threads;
        this.listener = listener;
    }

    List<ToolRun> run(Tools.Run run, List<ToolCall> calls) throws InterruptedException {
        List<FutureTask<ToolRun>> tasks = new ArrayList<>();
        for (int i = 0; i < calls.size(); i++) {
            ToolCall call = calls.get(i);
            String refusal = i >= MAX_CALLS ? "not run: at most " + MAX_CALLS + " calls at a time" : repeated(call);
            tasks.add(new FutureTask<>(() -> one(run, call, refusal)));
        }
        calls.forEach(listener::toolStarts);
        try {
            tasks.stream().skip(1).forEach(this::elsewhere);
            List<ToolRun> runs = new ArrayList<>();
            for (FutureTask<ToolRun> task : tasks) {
                task.run(); // unless another thread has begun it
                runs.add(await(task));
            }
            return runs;
        } finally {
            tasks.forEach(task -> task.cancel(true));
        }
    }

    private void elsewhere(FutureTask<ToolRun> task) {
        try {
            threads.execute(task);
        } catch (RejectedExecutionException busy) {
            LOG.debug("no thread is free for a tool call; its run's own thread makes it");
        }
    }

    private static ToolRun await(FutureTask<ToolRun> task) throws InterruptedException {
        try {
            return task.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof InterruptedException stopped) {
                throw stopped;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    private ToolRun one(Tools.Run run, ToolCall call, String refusal) throws InterruptedException {
        ToolRun made = refusal.isEmpty() ? guarded(run, call) : refused(call, refusal);
        listener.toolEnded(made);
        return made;
    }

    private ToolRun guarded(Tools.Run run, ToolCall call) throws InterruptedException {
        try {
            Tools.Outcome outcome = tools.run(run, call);
            return new ToolRun(
                    call.callId(),
                    call.name(),
                    outcome.ok(),
                    outcome.output(),
                    outcome.trust(),
                    outcome.at(),
                    outcome.took(),
                    outcome.denied());
        } catch (RuntimeException | LinkageError e) {
            LOG.warn("tool {} broke in run {}", call.name(), run.runId(), e);
            return refused(call, "it failed: see the hub's log");
        }
    }

    private static ToolRun refused(ToolCall call, String why) {
        return new ToolRun(call.callId(), call.name(), false, why, Trust.HIGH, Instant.now(), Duration.ZERO, false);
    }

    private String repeated(ToolCall call) {
        Object same =
                List.of(call.name(), call.malformed().<Object>map(text -> text).orElse(call.arguments()));
        return made.merge(same, 1, Integer::sum) <= SAME
                ? ""
                : "not run: this very call was made " + SAME + " times; go on with what it gave, or do something else";
    }
}
