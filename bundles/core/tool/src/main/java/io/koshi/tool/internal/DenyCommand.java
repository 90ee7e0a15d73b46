package io.koshi.tool.internal;

import io.koshi.api.Batch;
import io.koshi.api.Problem;
import io.koshi.outbox.Outbox;
import io.koshi.router.Action;
import io.koshi.router.ActionName;
import io.koshi.session.Sessions;
import io.koshi.store.Tx;
import java.util.List;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/** {@code /deny ID} in a conversation keeps a tool from running. Thread-safe. */
@Component(name = "io.koshi.tool.deny", service = Action.class, configurationPolicy = ConfigurationPolicy.IGNORE)
@ActionName("/deny")
public final class DenyCommand implements Action {
    private final SpokenDecision decision;

    @Activate
    public DenyCommand(@Reference ApprovalDesk desk, @Reference Sessions sessions, @Reference Outbox outbox) {
        this.decision = new SpokenDecision(desk, sessions, outbox, false);
    }

    @Override
    public List<Problem> check(Object argument) {
        return SpokenDecision.noRule();
    }

    @Override
    public Outcome apply(Tx tx, Batch batch, Object argument) {
        return decision.apply(tx, batch, argument);
    }
}
