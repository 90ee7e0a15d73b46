package io.koshi.router.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.buffer.Buffer;
import io.koshi.router.Action;
import io.koshi.store.Tx;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Carries out plans inside a transaction: each share's actions, then the state of its entries. Immutable,
 * and leaves no trace but through the transaction, so a work that is run again does the same.
 */
final class RoutingCommit {
    private final Buffer buffer;
    private final Map<String, Action> actions;

    private RoutingCommit(Buffer buffer, Map<String, Action> actions) {
        this.buffer = buffer;
        this.actions = actions;
    }

    /** Looks up the actions that a plan needs, adding them to {@code found}; fails when a room is away. */
    static void require(Plan plan, ActionTable table, Map<String, Action> found) {
        for (Plan.Share share : plan.shares()) {
            for (String word : share.rule().actions()) {
                if (!word.equals(ActionReader.DROP) && !found.containsKey(word)) {
                    found.put(
                            word,
                            table.find(word)
                                    .orElseThrow(() -> new KoshiException(
                                            ErrorCode.SERVICE_UNAVAILABLE,
                                            "rule " + share.rule().label() + " waits for the room that does '" + word
                                                    + "'; install it or change the rule")));
                }
            }
        }
    }

    static RoutingCommit with(Buffer buffer, Map<String, Action> actions) {
        return new RoutingCommit(buffer, new HashMap<>(actions));
    }

    /** Why entries are dropped. */
    record Drop(String rule, String reason) {}

    void apply(Tx tx, List<Plan> plans) {
        Map<Drop, List<Long>> dropped = new LinkedHashMap<>();
        for (Plan plan : plans) {
            for (Plan.Share share : plan.shares()) {
                apply(tx, share, dropped);
            }
        }
        dropped.forEach((drop, entries) -> buffer.dropped(tx, entries, drop.rule(), drop.reason()));
    }

    private void apply(Tx tx, Plan.Share share, Map<Drop, List<Long>> dropped) {
        boolean open = false;
        for (int i = 0; i < share.rule().steps().size(); i++) {
            String word = share.rule().steps().get(i).action();
            if (!word.equals(ActionReader.DROP)) {
                Action action = actions.get(word);
                for (Plan.Deed deed : action.perMessage() ? share.each(i) : share.once(i)) {
                    open |= action.apply(tx, deed.part(), deed.argument()) == Action.Outcome.OPEN;
                }
            }
        }
        Optional<Drop> drop = dropOf(share);
        if (open) {
            buffer.routed(tx, share.entries(), share.rule().label());
        } else if (drop.isPresent()) {
            dropped.computeIfAbsent(drop.get(), d -> new ArrayList<>()).addAll(share.entries());
        } else {
            buffer.done(tx, share.entries(), Optional.of(share.rule().label()));
        }
    }

    /** Why a share's entries are dropped; empty when its rule does not drop. */
    static Optional<Drop> dropOf(Plan.Share share) {
        int step = share.rule().actions().indexOf(ActionReader.DROP);
        if (step < 0) {
            return Optional.empty();
        }
        String reason = share.arguments().get(step) instanceof String text
                ? text
                : "rule " + share.rule().label() + " drops it";
        return Optional.of(new Drop(share.rule().label(), reason));
    }
}
