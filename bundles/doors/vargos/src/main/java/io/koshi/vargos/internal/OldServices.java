package io.koshi.vargos.internal;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** The clients that have registered as services, in the order they did. Thread-safe. */
final class OldServices {
    private final List<OldClient> services = new CopyOnWriteArrayList<>(); // the latest last
    private final long startedAt = System.nanoTime();

    /** Makes it the latest, also where it was there before. */
    void add(OldClient client) {
        services.removeIf(other -> other == client);
        services.add(client);
    }

    /** Whether it was there. */
    boolean remove(OldClient client) {
        return services.remove(client);
    }

    boolean contains(OldClient client) {
        return services.contains(client);
    }

    /** Whether one of them has this name. */
    boolean named(String name) {
        return services.stream()
                .anyMatch(service -> service.registered().service().equals(name));
    }

    /** The latest service that has it; when that goes, the one before has it again. */
    OldClient owner(String method) {
        for (int i = services.size() - 1; i >= 0; i--) {
            OldClient service = services.get(i);
            if (service.registered().methods().contains(method)) {
                return service;
            }
        }
        return null;
    }

    /** What a registration is answered. */
    Map<String, Object> routes() {
        Set<String> names = new LinkedHashSet<>();
        Set<String> methods = new LinkedHashSet<>();
        Set<String> events = new LinkedHashSet<>();
        for (OldClient service : services) {
            names.add(service.registered().service());
            methods.addAll(service.registered().methods());
            events.addAll(service.registered().events());
        }
        return OldFrame.members(
                "services", List.copyOf(names), "methods", List.copyOf(methods), "events", List.copyOf(events));
    }

    /** What {@code gateway.inspect} answers. */
    Map<String, Object> inspection() {
        List<Object> registrations = new ArrayList<>();
        for (OldClient service : services) {
            OldClient.Registered told = service.registered();
            registrations.add(OldFrame.members(
                    "service",
                    told.service(),
                    "version",
                    told.version(),
                    "methods",
                    told.methods(),
                    "events",
                    told.events(),
                    "subscriptions",
                    List.copyOf(service.subscriptions())));
        }
        return OldFrame.members("registrations", registrations);
    }

    /** What {@code gateway.stats} answers. */
    Map<String, Object> stats() {
        return OldFrame.members(
                "uptime",
                TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startedAt),
                "services",
                routes().get("services"),
                "pendingRequests",
                services.stream().mapToInt(OldClient::pending).sum());
    }
}
