package io.koshi.swarm.internal;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Which connection of this door holds which task under which token; the older wire knows no tokens. Thread-safe. */
final class Grants {
    private final Map<Long, Grant> byTask = new ConcurrentHashMap<>();

    private record Grant(String connection, long fence) {}

    void put(long task, String connection, long fence) {
        byTask.put(task, new Grant(connection, fence));
    }

    /** Takes the token of a task if this connection was the last to lease it. */
    Optional<Long> take(long task, String connection) {
        Grant grant = byTask.get(task);
        if (grant == null || !grant.connection().equals(connection)) {
            return Optional.empty();
        }
        byTask.remove(task, grant);
        return Optional.of(grant.fence());
    }

    void forget(String connection) {
        byTask.values().removeIf(grant -> grant.connection().equals(connection));
    }
}
