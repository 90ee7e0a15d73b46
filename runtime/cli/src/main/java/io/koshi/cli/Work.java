package io.koshi.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A leased task, as {@code task.lease} gives it.
 *
 * @param model a name from models, null for the worker's own
 * @param strange whether words of somebody unknown are in it
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
        String model,
        boolean strange,
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
                (String) task.get("model"),
                "low".equals(task.get("trust")),
                (String) task.get("inputRef"));
    }

    private static String text(Map<?, ?> task, String name) {
        return task.get(name) instanceof String text ? text : "";
    }

    boolean code() {
        return type.equals("python") || type.equals("shell");
    }

    /** The prompt as a program reads it. */
    String prompt(String instructions) {
        return instructions.isEmpty() ? prompt : instructions + "\n\n" + prompt;
    }

    /** What a program that does it finds in its environment. */
    Map<String, String> environment(Path input) {
        Map<String, String> environment = new LinkedHashMap<>();
        environment.put("KOSHI_TASK", taskId);
        if (input != null) {
            environment.put("KOSHI_INPUT", input.toString());
        }
        return environment;
    }
}
