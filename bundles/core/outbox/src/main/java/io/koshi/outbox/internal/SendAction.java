package io.koshi.outbox.internal;

import io.koshi.api.Address;
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
import java.util.Set;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/** {@code send: {channel, to, text}}: says something in a conversation that the rule names. Thread-safe. */
@Component(name = "io.koshi.outbox.send", service = Action.class, configurationPolicy = ConfigurationPolicy.IGNORE)
@ActionName("send")
public final class SendAction implements Action {
    private static final Set<String> NAMES = Set.of("channel", "to", "text");

    private final Outbox outbox;

    @Activate
    public SendAction(@Reference Outbox outbox) {
        this.outbox = outbox;
    }

    @Override
    public List<Problem> check(Object argument) {
        return Arguments.texts(argument, NAMES);
    }

    @Override
    public boolean perMessage() {
        return true;
    }

    @Override
    public Outcome apply(Tx tx, Batch batch, Object argument) {
        Arguments.require(check(argument));
        Map<?, ?> map = (Map<?, ?>) argument;
        Address to = Address.of(String.valueOf(map.get("channel")), String.valueOf(map.get("to")));
        Part text = Part.text(String.valueOf(map.get("text")));
        outbox.enqueue(tx, to, List.of(text), Optional.of(batch.first().id()), Optional.empty());
        return Outcome.DONE;
    }
}
