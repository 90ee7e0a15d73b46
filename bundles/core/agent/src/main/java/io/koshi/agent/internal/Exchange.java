package io.koshi.agent.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.model.Model;
import io.koshi.model.ModelAnswer;
import io.koshi.model.ModelMessage;
import io.koshi.model.ModelRequest;
import io.koshi.model.ToolCall;
import io.koshi.model.Usage;
import io.koshi.tool.Tool;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One attempt's talk with a model: it speaks, calls tools, is told what they gave, and speaks again. */
final class Exchange {
    /** Times a model may call tools before it must have answered. */
    static final int MAX_ROUNDS = 10;

    /** Calls one answer may make; the rest are told so. */
    static final int MAX_CALLS = 32;

    private static final String BETWEEN = "\n\n";

    /** Hears what happens as it happens. */
    interface Listener {
        void delta(String text);

        void toolStarts(ToolCall call);

        void toolEnded(ToolRun run);
    }

    /** @param text everything the model said, which is also all deltas joined */
    record Result(String text, Usage usage, List<ToolRun> calls) {}

    private final Model model;
    private final ToolBench bench;
    private final Listener listener;
    private final StringBuilder said = new StringBuilder();
    private final List<ToolRun> runs = new ArrayList<>();
    private Usage usage = Usage.NONE;

    Exchange(Model model, ToolBench bench, Listener listener) {
        this.model = model;
        this.bench = bench;
        this.listener = listener;
    }

    /** What was used so far, also when it was cut off. */
    Usage usage() {
        return usage;
    }

    List<ToolRun> runs() {
        return List.copyOf(runs);
    }

    /** @throws KoshiException what the model threw, or SERVICE_UNAVAILABLE when it said nothing at all */
    Result run(ModelRequest request) throws InterruptedException {
        List<ModelMessage> messages = new ArrayList<>(request.messages());
        int stable = request.stablePrefix();
        for (int round = 0; ; round++) {
            ModelAnswer answer = speak(with(request, messages, stable));
            if (answer.calls().isEmpty()) {
                return result(answer);
            }
            if (round == MAX_ROUNDS) {
                if (said.toString().isBlank()) {
                    throw new KoshiException(
                            ErrorCode.METHOD_ERROR,
                            "the model called tools " + MAX_ROUNDS + " times over and never answered");
                }
                return new Result(said.toString(), usage, runs());
            }
            stable = messages.size();
            messages.add(new ModelMessage.Assistant(answer.text(), answer.calls()));
            callAll(answer.calls(), request, messages);
        }
    }

    private ModelAnswer speak(ModelRequest request) throws InterruptedException {
        boolean[] spoke = {false};
        ModelAnswer answer = model.stream(request, delta -> {
            if (!delta.isEmpty()) {
                say(delta, !spoke[0]);
                spoke[0] = true;
            }
        });
        if (!spoke[0] && !answer.text().isEmpty()) {
            say(answer.text(), true);
        }
        usage = usage.plus(answer.usage());
        return answer;
    }

    private void say(String delta, boolean first) {
        String text = first && said.length() > 0 ? BETWEEN + delta : delta;
        said.append(text);
        listener.delta(text);
    }

    private Result result(ModelAnswer answer) {
        if (said.toString().isBlank()) {
            throw answer.stop() == ModelAnswer.Stop.REFUSED
                    ? new KoshiException(ErrorCode.METHOD_ERROR, "the model declined to answer")
                    : new KoshiException(ErrorCode.SERVICE_UNAVAILABLE, "the model answered nothing");
        }
        return new Result(said.toString(), usage, runs());
    }

    private void callAll(List<ToolCall> calls, ModelRequest request, List<ModelMessage> messages)
            throws InterruptedException {
        for (int i = 0; i < calls.size(); i++) {
            ToolCall call = calls.get(i);
            listener.toolStarts(call);
            ToolRun run = i < MAX_CALLS
                    ? bench.run(
                            call,
                            new Tool.Context(
                                    request.sessionKey(),
                                    request.runId(),
                                    call.callId(),
                                    Optional.empty(),
                                    Path.of("."),
                                    request.trust()))
                    : ToolBench.refused(call, "not run: at most " + MAX_CALLS + " calls at a time");
            runs.add(run);
            listener.toolEnded(run);
            messages.add(new ModelMessage.ToolOutput(call.callId(), run.output(), !run.ok()));
        }
    }

    private static ModelRequest with(ModelRequest request, List<ModelMessage> messages, int stable) {
        return new ModelRequest(
                request.sessionKey(),
                request.runId(),
                request.system(),
                messages,
                stable,
                request.tools(),
                request.maxTokens(),
                request.trust());
    }
}
