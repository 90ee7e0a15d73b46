package io.koshi.cli;

import java.util.Map;

/**
 * A leased task, as {@code task.lease} gives it.
 *
 * @param inputRef the blob with what it works on, null for none
 */
record Work(
        String taskId,
        long number,
        long fence,
        String type,
        String prompt,
        String systemPrompt,
        String context,
        String inputRef) {
    static Work of(Map<?, ?> task) {
        return new Work(
                (String) task.get("taskId"),
                task.get("number") instanceof Long n ? n : 0,
                task.get("fence") instanceof Long f ? f : 0,
                text(task, "type"),
                text(task, "prompt"),
                text(task, "systemPrompt"),
                text(task, "context"),
                (String) task.get("inputRef"));
    }

    private static String text(Map<?, ?> task, String name) {
        return task.get(name) instanceof String text ? text : "";
    }

    boolean code() {
        return type.equals("python") || type.equals("shell");
    }
}
