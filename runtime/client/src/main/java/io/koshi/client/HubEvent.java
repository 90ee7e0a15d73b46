package io.koshi.client;

import java.util.Map;

/**
 * Something that happened in the hub.
 *
 * @param seq its place in the hub's one sequence; 0 for a {@code gateway.gap}, which tells of events that are lost
 * @param source the room or service that says so
 * @param topic for example {@code run.delta}
 */
public record HubEvent(long seq, String source, String topic, Map<String, Object> payload) {
    /** The topic that tells of lost events, brought to every subscriber whatever it asked for. */
    public static final String GAP = "gateway.gap";
}
