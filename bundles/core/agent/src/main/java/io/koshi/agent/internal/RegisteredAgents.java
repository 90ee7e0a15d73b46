package io.koshi.agent.internal;

import io.koshi.rpc.Doc;
import io.koshi.store.Store;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Agents outside the hub that have said who they are and what they can do. Thread-safe. */
record RegisteredAgents(Store store) {
    /** One agent. */
    record Agent(
            @Doc("Its name.") String agentId,
            @Doc("What sort it is.") Optional<String> profile,
            @Doc("What it can do.") List<String> capabilities,
            @Doc("When it last registered.") Instant registeredAt) {}

    /** Keeps an agent; the same name again takes the place of the first. */
    Agent put(String agentId, Optional<String> profile, List<String> capabilities) {
        Instant now = Instant.now();
        store.writeNow(tx -> tx.update(
                "INSERT INTO agent_registered (id, profile, capabilities, at) VALUES (?, ?, ?, ?)"
                        + " ON CONFLICT (id) DO UPDATE SET profile = excluded.profile,"
                        + " capabilities = excluded.capabilities, at = excluded.at",
                agentId,
                profile,
                String.join("\n", capabilities),
                now));
        return new Agent(agentId, profile, capabilities, now);
    }

    List<Agent> list() {
        return store.read(tx -> tx.query(
                "SELECT * FROM agent_registered ORDER BY id LIMIT 1000",
                row -> new Agent(
                        row.text("id"),
                        row.optional("profile"),
                        Arrays.stream(row.text("capabilities").split("\n"))
                                .filter(capability -> !capability.isEmpty())
                                .toList(),
                        row.instant("at"))));
    }
}
