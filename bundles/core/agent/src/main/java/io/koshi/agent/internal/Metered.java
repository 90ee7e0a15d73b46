package io.koshi.agent.internal;

import io.koshi.api.Part;
import io.koshi.model.Model;
import io.koshi.model.ModelAnswer;
import io.koshi.model.ModelMessage;
import io.koshi.model.ModelRequest;
import io.koshi.model.Spending.Purpose;
import io.koshi.model.Tokens;
import io.koshi.model.Usage;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * A model as a run of this hub asks it, and the only way it does: what each call uses is written down when the call
 * ends. Thread-safe.
 */
final class Metered {
    private final Model model;
    private final String name;
    private final StoredTurn turn;
    private final UsageBook book;
    private final AtomicReference<Usage> used = new AtomicReference<>(Usage.NONE);

    /** @param name what the configuration calls it, which its price goes by */
    Metered(Model model, String name, StoredTurn turn, UsageBook book) {
        this.model = model;
        this.name = name;
        this.turn = turn;
        this.book = book;
    }

    String name() {
        return name;
    }

    /** All that was used so far. */
    Usage used() {
        return used.get();
    }

    /** As {@link Model#stream}. An answer that breaks off is counted too: by estimate, as no service says what it was. */
    ModelAnswer ask(Purpose purpose, ModelRequest request, Consumer<String> deltas) throws InterruptedException {
        AtomicLong given = new AtomicLong();
        boolean whole = false;
        try {
            ModelAnswer answer = model.stream(request, delta -> {
                given.addAndGet(Tokens.of(delta));
                deltas.accept(delta);
            });
            whole = true;
            count(purpose, answer.usage());
            return answer;
        } finally {
            if (!whole && given.get() > 0) {
                count(purpose, new Usage(tokens(request), given.get(), 0, 0));
            }
        }
    }

    private void count(Purpose purpose, Usage of) {
        used.accumulateAndGet(of, Usage::plus);
        book.spent(purpose, turn, name, of);
    }

    private static long tokens(ModelRequest request) {
        long tokens = Tokens.of(request.system());
        for (ModelMessage message : request.messages()) {
            if (message instanceof ModelMessage.User user) {
                tokens += user.parts().stream()
                        .mapToLong(part -> part instanceof Part.Text text ? Tokens.of(text.text()) : 0)
                        .sum();
            } else if (message instanceof ModelMessage.Assistant said) {
                tokens += Tokens.of(said.text());
            } else if (message instanceof ModelMessage.ToolOutput output) {
                tokens += Tokens.of(output.output());
            }
        }
        return tokens;
    }
}
