package io.koshi.rpc.internal;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who has which name. The hub's own names are refused to all others, a plugin's to remote services;
 * among equals the latest has the name, and the one before gets it back. Thread-safe.
 */
final class Offers {
    private static final Logger LOG = LoggerFactory.getLogger("io.koshi.rpc");

    private final Map<String, List<Endpoint>> waiting = new HashMap<>();
    private final Map<String, Endpoint> active = new ConcurrentHashMap<>();

    Endpoint find(String name) {
        return active.get(name);
    }

    Collection<Endpoint> all() {
        return active.values();
    }

    Set<String> names() {
        return active.keySet();
    }

    synchronized boolean has(Endpoint endpoint) {
        return waiting.getOrDefault(endpoint.name(), List.of()).contains(endpoint);
    }

    synchronized void add(Endpoint endpoint) {
        List<Endpoint> offered = waiting.computeIfAbsent(endpoint.name(), name -> new ArrayList<>());
        if (!offered.isEmpty()) {
            Endpoint holder = offered.get(offered.size() - 1);
            boolean taken = holder.rank().compareTo(endpoint.rank()) > 0 || holder.rank() == Endpoint.Rank.CORE;
            if (taken) {
                LOG.warn(
                        "{} of {} is refused: {} has that name; choose another",
                        endpoint.name(),
                        endpoint.owner(),
                        holder.owner());
                return;
            }
            if (endpoint.rank() == Endpoint.Rank.CORE) {
                offered.forEach(other ->
                        LOG.warn("{} is taken from {}: it is the hub's own name", other.name(), other.owner()));
                offered.clear();
            } else {
                LOG.info("{} now answers {} instead of {}", endpoint.owner(), endpoint.name(), holder.owner());
            }
        }
        offered.add(endpoint);
        active.put(endpoint.name(), endpoint);
    }

    synchronized void remove(Endpoint endpoint) {
        List<Endpoint> offered = waiting.get(endpoint.name());
        if (offered == null || !offered.remove(endpoint)) {
            return;
        }
        if (offered.isEmpty()) {
            waiting.remove(endpoint.name());
            active.remove(endpoint.name());
        } else {
            active.put(endpoint.name(), offered.get(offered.size() - 1));
        }
    }
}
