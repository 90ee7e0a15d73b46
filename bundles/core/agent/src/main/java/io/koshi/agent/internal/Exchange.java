package io.koshi.agent.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Trust;
import io.koshi.model.ModelAnswer;
import io.koshi.model.ModelMessage;
import io.koshi.model.ModelRequest;
import io.koshi.model.Spending.Purpose;
import io.koshi.model.Usage;
import io.koshi.tool.Tools;
import java.util.ArrayList;
import java.util.List;

/**
 * One attempt's talk with a model: it speaks, calls tools, is told what they gave and what was said meanwhile, and speaks
 * again. Confined to one thread at a time (the run's, and while the model speaks whichever brings its words), but for
 * {@link #said}.
 */
final class Exchange {
    /** Times a model may call tools; then it must answer without. */
    static final int MAX_ROUNDS = 10;

    /** Characters after which an answer is endless and cut off. */
    static final int MAX_SAID = 400_000;

    private static final String BETWEEN = "\n\n";
    private static final String CUT = "\n\n[cut off: the answer was longer than the model may give]";

    /** Hears what happens as it happens, and says what has come in meanwhile. */
    interface Listener extends ToolRound.Listener {
        void delta(String text);

        /** Messages that came while the model spoke, to be put before it now. */
        List<ModelMessage> arrived();
    }

    /**
     * @param text everything the model said, which is also all deltas joined
     * @param trust the least trusted of all that was read
     */
    record Result(String text, List<ToolRun> calls, Trust trust) {}

    private final Metered model;
    private final ToolRound round;
    private final Listener listener;
    private final StringBuffer said = new StringBuffer();
    private final List<ToolRun> runs = new ArrayList<>();

    Exchange(Metered model, ToolRound round, Listener listener) {
        this.model = model;
        this.round = round;
        this.listener = listener;
    }

    /** What the model has said so far; on any thread. */
    String said() {
        return said.toString();
    }

    List<ToolRun> runs() {
        return List.copyOf(runs);
    }

    /** @throws KoshiException what the model threw, or SERVICE_UNAVAILABLE when it said nothing at all */
    Result run(ModelRequest request, Tools.Run as) throws InterruptedException {
        List<ModelMessage> messages = new ArrayList<>(request.messages());
        int stable = request.stablePrefix();
        Tools.Run run = as;
        for (int made = 0; ; made++) {
            messages.addAll(listener.arrived());
            boolean last = made == MAX_ROUNDS;
            ModelAnswer answer = speak(with(request, messages, stable, run.trust(), last));
            if (answer.calls().isEmpty() || last) {
                return result(answer, run.trust());
            }
            stable = messages.size();
            messages.add(new ModelMessage.Assistant(answer.text(), answer.calls()));
            for (ToolRun call : round.run(run, answer.calls())) {
                runs.add(call);
                run = run.having(call.trust());
                messages.add(new ModelMessage.ToolOutput(call.callId(), call.output(), !call.ok()));
            }
        }
    }

    private ModelAnswer speak(ModelRequest request) throws InterruptedException {
        boolean[] spoke = {false};
        ModelAnswer answer;
        try {
            answer = model.ask(Purpose.ANSWER, request, delta -> {
                if (!delta.isEmpty()) {
                    say(delta, !spoke[0]);
                    spoke[0] = true;
                }
            });
        } catch (RuntimeException e) {
            if (said.length() < MAX_SAID) {
                throw e;
            }
            answer = new ModelAnswer("", List.of(), ModelAnswer.Stop.LENGTH, Usage.NONE, "");
        }
        if (!spoke[0] && !answer.text().isEmpty() && said.length() < MAX_SAID) {
            say(answer.text().substring(0, Math.min(answer.text().length(), MAX_SAID)), true);
        }
        return answer;
    }

    private void say(String delta, boolean first) {
        if (said.length() >= MAX_SAID) {
            throw new Endless();
        }
        String text = first && said.length() > 0 ? BETWEEN + delta : delta;
        said.append(text);
        listener.delta(text);
    }

    private Result result(ModelAnswer answer, Trust trust) {
        if (said.toString().isBlank()) {
            throw silence(answer);
        }
        if (answer.stop() == ModelAnswer.Stop.LENGTH) {
            said.append(CUT);
            listener.delta(CUT);
        }
        return new Result(said.toString(), runs(), trust);
    }

    private static KoshiException silence(ModelAnswer answer) {
        if (answer.stop() == ModelAnswer.Stop.REFUSED) {
            return new KoshiException(ErrorCode.METHOD_ERROR, "the model declined to answer");
        }
        return answer.calls().isEmpty()
                ? new KoshiException(ErrorCode.SERVICE_UNAVAILABLE, "the model answered nothing")
                : new KoshiException(
                        ErrorCode.METHOD_ERROR,
                        "the model called tools " + MAX_ROUNDS + " times over and never answered");
    }

    private static ModelRequest with(
            ModelRequest request, List<ModelMessage> messages, int stable, Trust trust, boolean last) {
        List<ModelMessage> asked = new ArrayList<>(messages);
        if (last) {
            asked.add(ModelMessage.User.of(
                    "[note of the hub: no more tools in this turn; answer with what you have, and say what is open]"));
        }
        return new ModelRequest(
                request.sessionKey(),
                request.runId(),
                request.system(),
                asked,
                stable,
                request.tools(), // a service refuses an exchange with calls of tools it is not told of
                request.maxTokens(),
                trust);
    }

    /** Stops a model that does not come to an end. */
    private static final class Endless extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Endless() {
            super("the answer is endless", null, false, false);
        }
    }
}
