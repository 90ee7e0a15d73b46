package io.koshi.agent.internal;

import io.koshi.agent.Agent;
import io.koshi.agent.Agent.Ask;
import io.koshi.api.Batch;
import io.koshi.api.Problem;
import io.koshi.codec.Codec;
import io.koshi.router.Action;
import io.koshi.router.ActionName;
import io.koshi.session.Sessions;
import io.koshi.store.Tx;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/** {@code forward: main} makes a batch one turn of its conversation; a model's name has that model answer. */
@Component(name = "io.koshi.agent.forward", service = Action.class, configurationPolicy = ConfigurationPolicy.IGNORE)
@ActionName("forward")
public final class ForwardAction implements Action {
    /** Words for the main agent. */
    static final Set<String> MAIN = Set.of("main", "main-agent");

    private final Agent agent;
    private final Sessions sessions;
    private final Codec codec;

    @Activate
    public ForwardAction(@Reference Agent agent, @Reference Sessions sessions, @Reference Codec codec) {
        this.agent = agent;
        this.sessions = sessions;
        this.codec = codec;
    }

    @Override
    public List<Problem> check(Object argument) {
        return argument instanceof String name && !name.isBlank()
                ? List.of()
                : List.of(new Problem("", "forward wants main, or the name of a model"));
    }

    @Override
    public Outcome apply(Tx tx, Batch batch, Object argument) {
        String session = sessions.open(tx, batch.from(), batch.first().message().sender());
        Prompt prompt = Prompt.of(batch, codec);
        String to = String.valueOf(argument);
        agent.enqueue(
                tx,
                new Ask(
                        session,
                        Optional.of(batch.from()),
                        batch.ids(),
                        prompt.text(),
                        prompt.parts(),
                        MAIN.contains(to) ? Optional.empty() : Optional.of(to),
                        Optional.empty(),
                        prompt.priority(),
                        prompt.trust()));
        return Outcome.OPEN;
    }
}
