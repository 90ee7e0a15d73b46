package io.koshi.swarm.internal;

import io.koshi.task.Leased;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A task in the older hub's words: its four statuses, whole numbers for ids and seconds for times. */
final class OldTask {
    private OldTask() {}

    static Map<String, Object> leased(Leased task) {
        Map<String, Object> old = new LinkedHashMap<>(16);
        old.put("task_id", task.number());
        old.put("prompt", task.prompt());
        old.put("system_prompt", task.systemPrompt().orElse(null));
        old.put("type", task.type());
        old.put("status", "leased");
        old.put("created_at", seconds(task.createdAt().toEpochMilli()));
        old.put("updated_at", seconds(System.currentTimeMillis()));
        old.put(
                "leased_until",
                task.leasedUntil().map(at -> seconds(at.toEpochMilli())).orElse(null));
        old.put("worker_id", task.worker());
        old.put("result", null);
        old.put("error", null);
        return old;
    }

    static Map<String, Object> listed(Map<String, Object> task) {
        String status = status((String) task.get("status"));
        Map<String, Object> old = head(task, status);
        old.put("created_at", seconds(task.get("createdAt")));
        old.put("updated_at", seconds(task.get("updatedAt")));
        old.put("leased_until", seconds(task.get("leasedUntil")));
        old.put("worker_id", task.get("worker"));
        old.put("result", task.get("result"));
        boolean failed = status.equals("failed");
        old.put("error", failed && task.get("error") instanceof Map<?, ?> error ? error.get("message") : null);
        return old;
    }

    private static Map<String, Object> head(Map<String, Object> task, String status) {
        Map<String, Object> old = new LinkedHashMap<>();
        old.put("task_id", task.get("number"));
        old.put("prompt", task.get("prompt"));
        old.put("system_prompt", task.get("systemPrompt"));
        old.put("type", task.get("type"));
        old.put("status", status);
        return old;
    }

    private static String status(String status) {
        return switch (status) {
            case "blocked", "waiting" -> "queued";
            case "cancelled" -> "failed";
            default -> status;
        };
    }

    /** The statuses of this hub that one of the older hub's means, each a query; one empty list for all. */
    static List<List<String>> statuses(Optional<String> status) {
        return switch (status.orElse("")) {
            case "" -> List.of(List.of());
            case "queued" -> List.of(List.of("queued"), List.of("blocked"), List.of("waiting"));
            case "leased" -> List.of(List.of("leased"));
            case "done" -> List.of(List.of("done"));
            case "failed" -> List.of(List.of("failed"), List.of("cancelled"));
            default -> List.of();
        };
    }

    static Map<String, Object> stats(Map<String, Object> now) {
        long failed = count(now, "failed") + count(now, "cancelled");
        long done = count(now, "done");
        double ended = done + failed;
        Map<String, Object> old = new LinkedHashMap<>();
        old.put("queued", count(now, "queued") + count(now, "blocked") + count(now, "waiting"));
        old.put("leased", count(now, "leased"));
        old.put("done", done);
        old.put("failed", failed);
        old.put("total_tasks", count(now, "total"));
        old.put("completed_last_hour", count(now, "doneLastHour"));
        old.put("avg_completion_time_sec", ((Number) now.get("meanSeconds")).doubleValue());
        old.put("error_rate_percent", ended == 0 ? 0.0 : 100.0 * failed / ended);
        return old;
    }

    private static long count(Map<String, Object> stats, String name) {
        return ((Number) stats.get(name)).longValue();
    }

    /** As Python writes a float: without an exponent, and with one digit behind the point at least. */
    private static BigDecimal seconds(long millis) {
        BigDecimal seconds = BigDecimal.valueOf(millis, 3).stripTrailingZeros();
        return seconds.scale() < 1 ? seconds.setScale(1) : seconds;
    }

    private static Object seconds(Object time) {
        return time == null ? null : seconds(Instant.parse((String) time).toEpochMilli());
    }
}
