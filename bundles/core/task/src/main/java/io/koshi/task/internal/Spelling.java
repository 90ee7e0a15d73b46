package io.koshi.task.internal;

import io.koshi.api.KoshiException;
import io.koshi.task.internal.TaskViews.Status;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The words people and models have for statuses, and JSON Schema of the task tools. */
final class Spelling {
    private Spelling() {}

    /** A status by any of its names: pending and open are queued, running and in_progress leased, completed done. */
    static Status status(String word) {
        return switch (word.strip().toLowerCase(Locale.ROOT)) {
            case "queued", "pending", "open" -> Status.QUEUED;
            case "blocked" -> Status.BLOCKED;
            case "waiting" -> Status.WAITING;
            case "leased", "running", "in_progress" -> Status.LEASED;
            case "done", "completed" -> Status.DONE;
            case "failed" -> Status.FAILED;
            case "cancelled", "canceled" -> Status.CANCELLED;
            default ->
                throw KoshiException.invalid(
                        "/status", "a status is pending, blocked, waiting, running, completed, failed or cancelled");
        };
    }

    static Map<String, Object> text(String description, int most) {
        return Map.of("type", "string", "minLength", 1, "maxLength", most, "description", description);
    }

    /** A task's number, as a number or a text. */
    static Map<String, Object> id(String description) {
        return Map.of("type", List.of("integer", "string"), "description", description);
    }

    static Map<String, Object> whole(String description, int least, int most) {
        return Map.of("type", "integer", "minimum", least, "maximum", most, "description", description);
    }

    static Map<String, Object> object(Map<String, Object> properties, List<String> required) {
        return Map.of("type", "object", "properties", properties, "required", required, "additionalProperties", false);
    }

    static Optional<String> given(Map<String, Object> arguments, String name) {
        return Optional.ofNullable(arguments.get(name)).map(Object::toString);
    }
}
