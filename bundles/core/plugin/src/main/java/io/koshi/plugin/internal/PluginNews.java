package io.koshi.plugin.internal;

import io.koshi.event.Events;
import io.koshi.plugin.internal.Garden.Planted;
import io.koshi.rpc.Doc;
import java.util.Optional;

/** Publishes what happens to plugins. Thread-safe. */
record PluginNews(Events events) {
    private static final String SOURCE = "plugin";

    /** Payload of {@code plugin.added}, and the result of adding. */
    record Added(
            @Doc("The plugin's name.") String name,
            @Doc("channel, service, model or listener.") String kind,
            @Doc("Symbolic name of its bundle.") String bsn,
            @Doc("Version of its bundle.") String version,
            @Doc("The framework's number of its bundle.") long bundleId,
            @Doc("SHA-256 of its jar, in hex.") String sha256,
            @Doc("How long it took to serve.") long durationMs) {
        static Added of(Planted plant, long began) {
            return new Added(
                    plant.jar().name(),
                    plant.jar().kind(),
                    plant.jar().bsn(),
                    plant.jar().version(),
                    plant.bundle().getBundleId(),
                    plant.jar().sha256(),
                    (System.nanoTime() - began) / 1_000_000);
        }
    }

    /** Payload of {@code plugin.removed}. */
    record Removed(String name, String version, String reason) {}

    /** Payload of {@code plugin.failed}. */
    record Failed(String name, Optional<String> version, String phase, String error, boolean rolledBack) {}

    Added added(Planted plant, long began) {
        Added added = Added.of(plant, began);
        events.publish(SOURCE, "plugin.added", added);
        return added;
    }

    void removed(String name, String version, String reason) {
        events.publish(SOURCE, "plugin.removed", new Removed(name, version, reason));
    }

    void failed(String name, Optional<PluginJar> jar, PluginFailure failure, boolean rolledBack) {
        events.publish(
                SOURCE,
                "plugin.failed",
                new Failed(
                        name,
                        jar.map(PluginJar::version),
                        failure.phase().toString(),
                        failure.getMessage(),
                        rolledBack));
    }
}
