package io.koshi.hub.internal;

import io.koshi.api.Entry;
import io.koshi.api.KoshiException;
import io.koshi.hub.Traced;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts a message's way together from what each room knows of it. Thread-safe. */
final class TraceBook {
    private static final Logger LOG = LoggerFactory.getLogger("io.koshi.hub");
    /** Steps of one instant happen in this order. */
    private static final List<String> ORDER =
            List.of("received", "batched", "routed", "run", "tool", "reply", "sent", "failed", "dead");

    private final PartTable parts;

    TraceBook(PartTable parts) {
        this.parts = parts;
    }

    /**
     * @param ref an id, external id, run id or task id
     * @throws KoshiException NOT_FOUND when no room knows it
     */
    HubTrace trace(String ref) {
        Set<String> ids = new LinkedHashSet<>();
        parts.traced().forEach(room -> ids.addAll(resolve(room, ref)));
        if (ids.isEmpty()) {
            throw KoshiException.notFound("No message, run or task is known as " + ref
                    + "; it may be older than buffer.retentionDays. 'koshi session list' shows conversations.");
        }
        String id = ids.iterator().next();
        List<Traced.Hop> hops = new ArrayList<>();
        parts.traced().forEach(room -> hops.addAll(hops(room, id)));
        hops.sort(Comparator.comparing(Traced.Hop::at).thenComparing(hop -> ORDER.indexOf(hop.hop())));
        Optional<Entry> entry = parts.buffer().flatMap(buffer -> buffer.find(id));
        ids.remove(id);
        return new HubTrace(
                id,
                entry.flatMap(e -> e.message().externalId()),
                entry.map(e -> e.message().from().channel()),
                entry.map(e -> e.message().from().conversation()),
                state(hops),
                hops.stream().map(TraceBook::step).toList(),
                ids.isEmpty() ? Optional.empty() : Optional.of(List.copyOf(ids)));
    }

    private static HubTrace.Step step(Traced.Hop hop) {
        return new HubTrace.Step(hop.at(), hop.hop(), hop.ref(), hop.attempt(), hop.ms(), hop.detail());
    }

    /** Where the last step that counts has brought it. */
    private static String state(List<Traced.Hop> hops) {
        String state = "received";
        for (Traced.Hop hop : hops) {
            state = switch (hop.hop()) {
                case "batched" -> "batched";
                case "routed" ->
                    hop.ref() != null && hop.detail() != null && hop.detail().startsWith("drop") ? "dropped" : "routed";
                case "run", "tool" -> "running";
                case "reply" -> "replying";
                case "sent" -> "done";
                case "failed" -> "failed";
                case "dead" -> "dead";
                default -> state;
            };
        }
        return state;
    }

    private static List<String> resolve(Traced room, String ref) {
        try {
            return room.resolve(ref);
        } catch (RuntimeException e) {
            LOG.warn("{} could not look for {}", room.getClass().getSimpleName(), ref, e);
            return List.of();
        }
    }

    private static List<Traced.Hop> hops(Traced room, String id) {
        try {
            return room.hops(id);
        } catch (RuntimeException e) {
            LOG.warn("{} could not trace {}", room.getClass().getSimpleName(), id, e);
            return List.of();
        }
    }
}
