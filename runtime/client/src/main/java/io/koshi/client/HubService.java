package io.koshi.client;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Methods that a client answers for the hub.
 *
 * @param name the service's name; source of the events it emits
 * @param methods by name; each is given the parameters and returns the payload; what it throws is the caller's error, a
 *     {@link HubException} under its own code, anything else as METHOD_ERROR
 * @param events topics it emits, for others to see
 */
public record HubService(String name, String version, Map<String, Answer> methods, List<String> events) {
    public HubService {
        methods = new LinkedHashMap<>(methods);
        events = List.copyOf(events);
    }

    /** Answers a call, on a thread of the client's. */
    @FunctionalInterface
    public interface Answer {
        Map<String, ?> to(Map<String, Object> params) throws Exception;
    }
}
