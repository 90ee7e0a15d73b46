package io.koshi.api;

import java.util.Map;
import java.util.Optional;
import org.osgi.annotation.versioning.ConsumerType;

/** How one part of the hub is; offered by rooms and plugins, gathered by {@code hub.health}. */
@ConsumerType
public interface Health {
    /** Answers at once from what is known; never waits for a network. */
    Report health();

    /** From good to bad. */
    enum Status {
        HEALTHY,
        DEGRADED,
        UNHEALTHY
    }

    /**
     * @param name the part's name, for example {@code store} or {@code telegram~work}
     * @param kind core, channel, service, model or listener
     * @param message what a person should know or do; absent when healthy and nothing is to say
     * @param data figures worth showing, plain data
     */
    record Report(String name, String kind, Status status, Optional<String> message, Map<String, Object> data) {
        public static Report healthy(String name, String kind) {
            return new Report(name, kind, Status.HEALTHY, Optional.empty(), Map.of());
        }

        public static Report degraded(String name, String kind, String message) {
            return new Report(name, kind, Status.DEGRADED, Optional.of(message), Map.of());
        }

        public static Report unhealthy(String name, String kind, String message) {
            return new Report(name, kind, Status.UNHEALTHY, Optional.of(message), Map.of());
        }

        public Report with(Map<String, Object> data) {
            return new Report(name, kind, status, message, Map.copyOf(data));
        }
    }
}
