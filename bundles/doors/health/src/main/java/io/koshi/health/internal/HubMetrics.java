package io.koshi.health.internal;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Names the hub's figures as metrics. Confined to one thread. */
final class HubMetrics {
    private final Exposition out;

    HubMetrics(Exposition out) {
        this.out = out;
    }

    /** @param events the number of the newest event */
    void write(Map<String, Object> status, Map<String, Object> health, long events) {
        out.gauge("koshi_ready", "Whether the hub is ready.", Boolean.TRUE.equals(health.get("ready")) ? 1 : 0);
        out.gauge("koshi_healthy", "Whether every part is well.", "healthy".equals(health.get("status")) ? 1 : 0);
        out.counter("koshi_events_total", "Events published since the start.", events);
        status(status);
        parts(health);
        machine();
    }

    private void status(Map<String, Object> status) {
        gauge(status, "koshi_uptime_seconds", "Time since the process began.", 0.001, "uptimeMs");
        gauge(status, "koshi_buffer_unrouted", "Accepted entries not routed yet.", 1, "buffer", "unrouted");
        gauge(status, "koshi_buffer_oldest_seconds", "Age of the oldest of them.", 0.001, "buffer", "oldestAgeMs");
        gauge(status, "koshi_buffer_dead", "Dead letters of the inbox.", 1, "buffer", "dead");
        gauge(status, "koshi_outbox_pending", "Replies on their way out.", 1, "outbox", "pending");
        gauge(status, "koshi_outbox_dead", "Replies that were given up.", 1, "outbox", "dead");
        gauge(status, "koshi_memories", "What is remembered.", 1, "memory", "count");
        gauge(status, "koshi_sessions", "Sessions kept.", 1, "sessions");
        gauge(status, "koshi_runs_active", "Turns under way.", 1, "runs", "active");
        gauge(status, "koshi_runs_queued", "Turns that wait.", 1, "runs", "queued");
        gauge(status, "koshi_tasks_queued", "Tasks that wait for a worker.", 1, "tasks", "queued");
        gauge(status, "koshi_tasks_leased", "Tasks a worker holds.", 1, "tasks", "leased");
        gauge(status, "koshi_store_bytes", "Size of the database.", 1, "store", "bytes");
        gauge(status, "koshi_store_wal_bytes", "Size of its write-ahead log.", 1, "store", "walBytes");
        gauge(status, "koshi_store_free_disk_bytes", "Room left on its disk.", 1, "store", "freeDiskBytes");
        for (Object each : status.get("channels") instanceof List<?> list ? list : List.of()) {
            Map<?, ?> channel = (Map<?, ?>) each;
            boolean up = "connected".equals(channel.get("state"));
            out.gauge(
                    "koshi_channel_connected",
                    "Whether a channel is connected.",
                    up ? 1 : 0,
                    "channel",
                    String.valueOf(channel.get("name")));
        }
    }

    /** How each part is, and each figure it shows: a part's own names are its contract. */
    private void parts(Map<String, Object> health) {
        for (Object each : health.get("parts") instanceof List<?> list ? list : List.of()) {
            Map<?, ?> part = (Map<?, ?>) each;
            String name = String.valueOf(part.get("name"));
            String kind = String.valueOf(part.get("kind"));
            out.gauge(
                    "koshi_part_healthy",
                    "Whether a part is well.",
                    "healthy".equals(part.get("status")) ? 1 : 0,
                    "part",
                    name,
                    "kind",
                    kind);
            if (part.get("data") instanceof Map<?, ?> data) {
                data.forEach((key, value) -> {
                    if (value instanceof Number number) {
                        out.gauge(
                                "koshi_part_figure",
                                "A figure of a part.",
                                number.doubleValue(),
                                "part",
                                name,
                                "figure",
                                snake(String.valueOf(key)));
                    }
                });
            }
        }
    }

    private void machine() {
        MemoryUsage heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
        out.gauge("jvm_memory_used_bytes", "Memory in use.", heap.getUsed(), "area", "heap");
        out.gauge(
                "jvm_memory_used_bytes",
                "Memory in use.",
                ManagementFactory.getMemoryMXBean().getNonHeapMemoryUsage().getUsed(),
                "area",
                "nonheap");
        out.gauge("jvm_memory_committed_bytes", "Memory taken from the system.", heap.getCommitted(), "area", "heap");
        out.gauge(
                "jvm_threads_current",
                "Threads.",
                ManagementFactory.getThreadMXBean().getThreadCount());
        out.gauge(
                "jvm_classes_loaded",
                "Classes loaded now.",
                ManagementFactory.getClassLoadingMXBean().getLoadedClassCount());
    }

    private void gauge(Map<String, Object> status, String name, String help, double scale, String... path) {
        Object value = status;
        for (String key : path) {
            value = value instanceof Map<?, ?> map ? map.get(key) : null;
        }
        if (value instanceof Number number) {
            out.gauge(name, help, number.doubleValue() * scale);
        }
    }

    private static String snake(String camel) {
        return camel.replaceAll("([a-z0-9])([A-Z])", "$1_$2").toLowerCase(Locale.ROOT);
    }
}
