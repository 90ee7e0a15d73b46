package io.koshi.outbox.internal;

import io.koshi.codec.Codec;
import io.koshi.hub.Traced;
import io.koshi.store.Store;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/** Tells the last steps of a message's way: its replies and what became of them. Thread-safe. */
@Component(name = "io.koshi.outbox.trace", service = Traced.class, configurationPolicy = ConfigurationPolicy.IGNORE)
public final class OutboxTrace implements Traced {
    private final Store store;
    private final Ledger ledger;

    @Activate
    public OutboxTrace(@Reference Store store, @Reference Codec codec, @Reference DurableOutbox migrated) {
        this.store = store;
        this.ledger = new Ledger(codec);
    }

    @Override
    public List<String> resolve(String ref) {
        return store.read(tx -> ledger.messageOf(tx, ref)).stream().toList();
    }

    @Override
    public List<Hop> hops(String messageId) {
        List<Hop> hops = new ArrayList<>();
        for (Ledger.Trail trail : store.read(tx -> ledger.trails(tx, messageId))) {
            hops.add(new Hop(trail.createdAt(), "reply", trail.id(), 0, 0, trail.state()));
            last(trail).ifPresent(hops::add);
        }
        return hops;
    }

    private static Optional<Hop> last(Ledger.Trail trail) {
        String mark = trail.duplicate() ? ", possible duplicate" : "";
        switch (trail.state()) {
            case "sent":
                return Optional.of(new Hop(
                        trail.endedAt(),
                        "sent",
                        trail.platformId() == null ? trail.id() : trail.platformId(),
                        trail.attempts(),
                        between(trail.sendingAt(), trail.endedAt()),
                        trail.status() + mark));
            case "dead":
                return Optional.of(
                        new Hop(trail.endedAt(), "dead", trail.id(), trail.attempts(), 0, trail.error() + mark));
            default:
                return trail.error() == null || trail.sendingAt() == null
                        ? Optional.empty()
                        : Optional.of(new Hop(
                                trail.sendingAt(), "failed", trail.id(), trail.attempts(), 0, trail.error() + mark));
        }
    }

    private static long between(Instant from, Instant to) {
        return from == null ? 0 : Math.max(0, to.toEpochMilli() - from.toEpochMilli());
    }
}
