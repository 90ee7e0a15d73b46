package io.koshi.agent.internal;

import io.koshi.model.Model;
import io.koshi.model.ModelAnswer;
import io.koshi.model.ModelAnswer.Stop;
import io.koshi.model.ModelRequest;
import io.koshi.model.ToolCall;
import io.koshi.model.Usage;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;

/**
 * Answers as a test tells it, one step a request; without steps it repeats the newest words. Where {@link #specialist}
 * has steps, they answer the specialists' requests, which come beside the main agent's in no order.
 */
final class ScriptedModel implements Model {
    /** One answer. */
    interface Step {
        ModelAnswer answer(ModelRequest request, Consumer<String> deltas) throws InterruptedException;
    }

    final List<ModelRequest> requests = new CopyOnWriteArrayList<>();
    private final BlockingQueue<Step> steps = new LinkedBlockingQueue<>();
    private volatile ScriptedModel specialist;

    /** The script of specialists, apart from the main agent's from now on; their requests are here and there. */
    ScriptedModel specialist() {
        if (specialist == null) {
            specialist = new ScriptedModel();
        }
        return specialist;
    }

    ScriptedModel then(Step step) {
        steps.add(step);
        return this;
    }

    ScriptedModel says(String... deltas) {
        return then((request, out) -> say(out, deltas));
    }

    ScriptedModel fails(RuntimeException failure) {
        return then((request, out) -> {
            out.accept("half a ");
            throw failure;
        });
    }

    ScriptedModel calls(ToolCall... calls) {
        return then(
                (request, out) -> new ModelAnswer("", List.of(calls), Stop.TOOLS, new Usage(10, 1, 0, 0), "scripted"));
    }

    @Override
    public ModelAnswer stream(ModelRequest request, Consumer<String> deltas) throws InterruptedException {
        requests.add(request);
        ScriptedModel apart = specialist;
        if (apart != null && !request.system().contains("You are Koshi")) {
            return apart.stream(request, deltas);
        }
        Step step = steps.poll();
        return step == null ? say(deltas, "you said " + lastWords(request)) : step.answer(request, deltas);
    }

    static ModelAnswer say(Consumer<String> out, String... deltas) {
        List.of(deltas).forEach(out);
        return new ModelAnswer(
                String.join("", deltas), List.of(), Stop.END, new Usage(10, deltas.length, 0, 0), "scripted");
    }

    static String lastWords(ModelRequest request) {
        var last = request.messages().get(request.messages().size() - 1);
        return last instanceof io.koshi.model.ModelMessage.User user
                ? user.parts().stream()
                        .filter(io.koshi.api.Part.Text.class::isInstance)
                        .map(part -> ((io.koshi.api.Part.Text) part).text())
                        .reduce((before, newest) -> newest)
                        .orElse("")
                : last.toString();
    }
}
