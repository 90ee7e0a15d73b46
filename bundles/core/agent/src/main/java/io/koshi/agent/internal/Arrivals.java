package io.koshi.agent.internal;

import io.koshi.api.KoshiException;
import io.koshi.api.Part;
import io.koshi.config.Config.WhenBusy;
import io.koshi.config.Settings;
import io.koshi.model.ModelMessage;
import io.koshi.store.Store;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Under {@code agent.whenBusy: steer}, puts what comes in for a session before the model of its run. Thread-safe. */
final class Arrivals {
    private static final Logger LOG = LoggerFactory.getLogger(Arrivals.class);

    private final Store store;
    private final Settings settings;
    private final TurnQueue turns;

    /** Run ids whose turns each run's model has been told of. */
    private final Map<String, Set<String>> told = new ConcurrentHashMap<>();

    Arrivals(Store store, Settings settings, TurnQueue turns) {
        this.store = store;
        this.settings = settings;
        this.turns = turns;
    }

    /** What has come in since this was last asked in the same attempt. */
    List<ModelMessage> of(StoredTurn host) {
        if (settings.config().agent().whenBusy() != WhenBusy.STEER
                || host.assignment().isWorker()
                || turns.open(host.turn().sessionKey()).size() < 2) {
            return List.of();
        }
        try {
            List<StoredTurn> joined = store.writeNow(tx -> turns.joining().join(tx, host));
            Set<String> known = told.computeIfAbsent(host.turn().runId(), run -> new HashSet<>());
            List<ModelMessage> messages = new ArrayList<>();
            for (StoredTurn one : joined) {
                if (known.add(one.turn().runId())) {
                    messages.add(message(one));
                }
            }
            return messages;
        } catch (KoshiException e) {
            LOG.warn(
                    "what came in for {} waits for its own turn: {}",
                    host.turn().sessionKey(),
                    e.getMessage());
            return List.of();
        }
    }

    /** An attempt has ended. */
    void forget(StoredTurn host) {
        told.remove(host.turn().runId());
    }

    private static ModelMessage message(StoredTurn joined) {
        List<Part> parts = new ArrayList<>();
        parts.add(Part.text(joined.turn().prompt()));
        parts.addAll(joined.turn().parts());
        return new ModelMessage.User(parts);
    }
}
