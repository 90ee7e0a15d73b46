package io.koshi.router.internal;

import io.koshi.api.Entry;
import io.koshi.event.Events;
import io.koshi.session.Sessions;
import java.util.List;

/** Tells the bus what became of messages, after it is on disk. Thread-safe. */
final class RoutingEvents {
    private static final String SOURCE = "router";

    private final Events events;
    private final Sessions sessions;

    RoutingEvents(Events events, Sessions sessions) {
        this.events = events;
        this.sessions = sessions;
    }

    /** Payload of {@code message.routed}. */
    record Routed(
            String batch,
            List<String> ids,
            String channel,
            String conversation,
            String sessionKey,
            String rule,
            List<String> actions) {}

    /** Payload of {@code message.dropped}. */
    record Dropped(String id, String channel, String conversation, String rule, String reason) {}

    void tell(Plan plan) {
        plan.shares().forEach(this::tell);
    }

    private void tell(Plan.Share share) {
        var from = share.part().from();
        if (!share.rule().actions().equals(List.of(ActionReader.DROP))) {
            events.publish(
                    SOURCE,
                    "message.routed",
                    new Routed(
                            share.part().id(),
                            share.part().ids(),
                            from.channel(),
                            from.conversation(),
                            sessions.keyOf(from, share.part().first().message().sender()),
                            share.rule().label(),
                            share.rule().actions()));
            return;
        }
        RoutingCommit.dropOf(share).ifPresent(drop -> {
            for (Entry entry : share.part().entries()) {
                events.publish(
                        SOURCE,
                        "message.dropped",
                        new Dropped(entry.id(), from.channel(), from.conversation(), drop.rule(), drop.reason()));
            }
        });
    }
}
