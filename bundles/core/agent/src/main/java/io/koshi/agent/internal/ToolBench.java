package io.koshi.agent.internal;

import io.koshi.api.KoshiException;
import io.koshi.api.Pools;
import io.koshi.model.ToolCall;
import io.koshi.model.ToolSpec;
import io.koshi.tool.Tool;
import io.koshi.tool.Tools;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs the tools a model may have, and turns whatever goes wrong into words for it. Thread-safe. */
final class ToolBench {
    /** Characters of a tool's output that are kept. */
    static final int MAX_OUTPUT = 100_000;

    private static final Logger LOG = LoggerFactory.getLogger(ToolBench.class);

    private final Tools tools;
    private final Pools pools;
    private final Duration limit;

    /** @param limit how long one call may take */
    ToolBench(Tools tools, Pools pools, Duration limit) {
        this.tools = tools;
        this.pools = pools;
        this.limit = limit;
    }

    /** What the main agent may call for now: whatever only looks. */
    List<ToolSpec> offered() {
        return tools.list().stream().filter(Tool::readOnly).map(Tool::spec).toList();
    }

    ToolRun run(ToolCall call, Tool.Context context) throws InterruptedException {
        Optional<Tool> tool = tools.find(call.name()).filter(Tool::readOnly);
        if (tool.isEmpty()) {
            return refused(call, "Unknown tool: " + call.name());
        }
        if (call.malformed().isPresent()) {
            return refused(call, "not run: the arguments were no JSON object; call it again with one");
        }
        Instant at = Instant.now();
        long from = System.nanoTime();
        boolean ok = false;
        String output;
        try {
            Future<String> running = pools.work()
                    .submit(() -> tool.get().run(context, call.arguments()).text());
            output = wait(running, call);
            ok = true;
        } catch (Failed | RejectedExecutionException e) {
            output = e.getMessage();
        }
        return new ToolRun(call.callId(), call.name(), ok, cut(output), at, Duration.ofNanos(System.nanoTime() - from));
    }

    static ToolRun refused(ToolCall call, String why) {
        return new ToolRun(call.callId(), call.name(), false, why, Instant.now(), Duration.ZERO);
    }

    private String wait(Future<String> running, ToolCall call) throws InterruptedException {
        try {
            String output = running.get(limit.toMillis(), TimeUnit.MILLISECONDS);
            return output == null ? "" : output;
        } catch (TimeoutException e) {
            running.cancel(true);
            throw new Failed("it took longer than " + limit.toSeconds() + " s and was stopped");
        } catch (InterruptedException e) {
            running.cancel(true);
            throw e;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof KoshiException told) {
                throw new Failed(told.getMessage());
            }
            LOG.warn("tool {} failed", call.name(), e.getCause());
            throw new Failed("it failed: " + e.getCause());
        }
    }

    private static String cut(String output) {
        if (output.length() <= MAX_OUTPUT) {
            return output;
        }
        int end = Character.isHighSurrogate(output.charAt(MAX_OUTPUT - 1)) ? MAX_OUTPUT - 1 : MAX_OUTPUT;
        return output.substring(0, end);
    }

    /** A tool that gave no output; the message is for the model. */
    private static final class Failed extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Failed(String message) {
            super(message, null, false, false);
        }
    }
}
