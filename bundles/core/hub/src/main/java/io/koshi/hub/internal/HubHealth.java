package io.koshi.hub.internal;

import io.koshi.rpc.Doc;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What hub.health answers. */
record HubHealth(
        @Doc("healthy, degraded or unhealthy: as bad as the worst core part; a plugin alone only degrades.")
        String status,

        @Doc("Whether all that is needed and every configured channel is here.")
        boolean ready,

        @Doc("Whether the process answers at all.") boolean live,
        @Doc("starting, ready or draining.") String state,
        @Doc("The hub's name.") String name,
        @Doc("Its version.") String version,
        @Doc("How long ago the process began.") Duration uptimeMs,
        @Doc("What is worst, where something is bad.") Optional<String> error,
        @Doc("Every part and how it is.") List<Part> parts,
        @Doc("What readiness waits for.") Optional<List<String>> waiting) {

    record Part(
            @Doc("The part's name.") String name,

            @Doc("core, channel, service, model or listener.")
            String kind,

            @Doc("healthy, degraded or unhealthy.") String status,
            @Doc("What a person should know or do.") Optional<String> message,
            @Doc("When it was asked.") Instant checkedAt,
            @Doc("Figures worth showing.") Optional<Map<String, Object>> data) {}
}
