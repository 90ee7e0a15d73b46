package io.koshi.task.internal;

import java.util.LinkedHashSet;
import java.util.Set;

/** The last connections that ended: a lease that was under way when its connection closed must not stay. Thread-safe. */
final class Farewells {
    private static final int KEPT = 4096;

    private final Set<String> connections = new LinkedHashSet<>();

    synchronized void add(String connection) {
        if (connections.add(connection) && connections.size() > KEPT) {
            connections.remove(connections.iterator().next());
        }
    }

    synchronized boolean contains(String connection) {
        return connections.contains(connection);
    }
}
