package io.koshi.event.internal;

import java.util.Set;

/** Topics that only the hub itself may publish: clients act on them without asking who said so. */
final class CoreTopics {
    private static final Set<String> TOPICS = Set.of(
            "message.received",
            "message.routed",
            "message.dropped",
            "message.sent",
            "message.failed",
            "channel.connected",
            "channel.disconnected",
            "run.started",
            "run.delta",
            "run.tool",
            "run.completed",
            "run.failed",
            "session.created",
            "session.message",
            "cron.trigger",
            "task.queued",
            "task.leased",
            "task.done",
            "task.failed",
            "task.waiting",
            "task.blocked",
            "task.cancelled",
            "approval.requested",
            "approval.decided",
            "memory.stored",
            "memory.suspicious",
            "memory.quarantined",
            "plugin.added",
            "plugin.removed",
            "plugin.failed",
            "service.connected",
            "service.disconnected",
            "config.reloaded",
            "gateway.gap",
            "hub.stopping",
            "console.reply");

    private CoreTopics() {}

    static boolean contains(String topic) {
        return TOPICS.contains(topic);
    }
}
