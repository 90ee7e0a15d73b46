package io.koshi.outbox.internal;

import io.koshi.api.KoshiException;
import io.koshi.codec.Default;
import io.koshi.codec.Range;
import io.koshi.rpc.Doc;
import io.koshi.rpc.Methods;
import io.koshi.rpc.Namespace;
import io.koshi.rpc.Rpc;
import io.koshi.rpc.Scope;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/** Shows replies that were given up, and sends them again. Thread-safe. */
@Component(name = "io.koshi.outbox.methods", service = Methods.class, configurationPolicy = ConfigurationPolicy.IGNORE)
@Namespace("outbox")
public final class OutboxMethods implements Methods {
    private static final int SLICE = 500;

    private final DurableOutbox outbox;

    @Activate
    public OutboxMethods(@Reference DurableOutbox outbox) {
        this.outbox = outbox;
    }

    public record Query(
            @Doc("At most this many.") @Default("100") @Range(min = 1, max = 1000)
            int limit,

            @Doc("Go on after this place: the next of the page before.")
            Optional<String> after) {}

    public record Cause(
            @Doc("The error's code.") String code,
            @Doc("What went wrong.") String message) {}

    public record DeadReply(
            @Doc("The reply's id.") String id,
            @Doc("Its row in the outbox.") long entry,
            @Doc("The channel it was to leave by.") String channel,
            @Doc("The conversation it was for.") String conversation,
            @Doc("Where it failed: send.") String stage,
            @Doc("Why it was given up.") Cause error,
            @Doc("How often it was tried.") int attempts,
            @Doc("When it was given up.") Instant at) {}

    public record DeadReplies(
            @Doc("The dead letters, oldest first.") List<DeadReply> entries,
            @Doc("Where to go on; left out at the end.") Optional<String> next) {}

    @Rpc(value = "Lists replies that were given up, oldest first.", scope = Scope.READ)
    public DeadReplies dead(Query query) {
        long after = query.after().map(OutboxMethods::place).orElse(0L);
        List<Ledger.Dead> found = outbox.dead(after, query.limit() + 1);
        List<Ledger.Dead> page = found.subList(0, Math.min(found.size(), query.limit()));
        Optional<String> next = found.size() > query.limit()
                ? Optional.of(Long.toString(page.get(page.size() - 1).n()))
                : Optional.empty();
        return new DeadReplies(page.stream().map(OutboxMethods::shown).toList(), next);
    }

    private static long place(String after) {
        try {
            return Long.parseLong(after);
        } catch (NumberFormatException e) {
            throw KoshiException.invalid("/after", "give the next of the page before");
        }
    }

    private static DeadReply shown(Ledger.Dead dead) {
        return new DeadReply(
                dead.id(),
                dead.n(),
                dead.to().channel(),
                dead.to().conversation(),
                "send",
                new Cause(dead.code(), dead.error()),
                dead.attempts(),
                dead.at());
    }

    public record Which(
            @Doc("Ids of dead replies.") @Default("[]") List<String> ids,

            @Doc("All there are, instead of ids.") @Default("false")
            boolean all) {}

    public record Redriven(
            @Doc("How many wait to be sent again.") int redriven) {}

    @Rpc(value = "Sends dead replies again, with a new expiry.", scope = Scope.WRITE)
    public Redriven redrive(Which which) {
        if (which.all() != which.ids().isEmpty()) {
            throw KoshiException.invalid("", "name ids, or say all, not both");
        }
        if (!which.all()) {
            return new Redriven(outbox.redrive(which.ids()));
        }
        int redriven = 0;
        long after = 0;
        for (List<Ledger.Dead> slice = outbox.dead(after, SLICE); !slice.isEmpty(); slice = outbox.dead(after, SLICE)) {
            redriven += outbox.redrive(slice.stream().map(Ledger.Dead::id).toList());
            after = slice.get(slice.size() - 1).n();
        }
        return new Redriven(redriven);
    }
}
