package io.koshi.outbox.internal;

import io.koshi.api.Batch;
import io.koshi.api.Part;
import io.koshi.api.Problem;
import io.koshi.outbox.Outbox;
import io.koshi.router.Action;
import io.koshi.router.ActionName;
import io.koshi.store.Tx;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/** {@code reply: "text"}: says something in the conversation the batch came from. Thread-safe. */
@Component(name = "io.koshi.outbox.reply", service = Action.class, configurationPolicy = ConfigurationPolicy.IGNORE)
@ActionName("reply")
public final class ReplyAction implements Action {
    private final Outbox outbox;

    @Activate
    public ReplyAction(@Reference Outbox outbox) {
        this.outbox = outbox;
    }

    @Override
    public List<Problem> check(Object argument) {
        boolean text = argument != null
                && !(argument instanceof Map)
                && !(argument instanceof List)
                && !String.valueOf(argument).isBlank();
        return text ? List.of() : List.of(new Problem("", "write the words to answer with"));
    }

    @Override
    public boolean perMessage() {
        return true;
    }

    @Override
    public Outcome apply(Tx tx, Batch batch, Object argument) {
        Arguments.require(check(argument));
        List<Part> words = List.of(Part.text(String.valueOf(argument)));
        outbox.enqueue(tx, batch.from(), words, Optional.of(batch.first().id()), Optional.empty());
        return Outcome.DONE;
    }
}
