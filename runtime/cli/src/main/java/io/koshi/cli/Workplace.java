package io.koshi.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.koshi.client.HubClient;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Where tasks are done: one directory for all, or an empty one for each below it. Thread-safe.
 *
 * @param isolated whether each task gets its own
 * @param contextFiles read before each task, from the directory for all
 */
record Workplace(Path directory, boolean isolated, List<Path> contextFiles) {
    private static final long LONGEST_CONTEXT = 256 << 10;

    /** The directory of a task; made where it is not there. */
    Path of(Work work) throws IOException {
        return isolated ? Files.createDirectories(directory.resolve("task-" + work.taskId())) : directory;
    }

    /** What is known here, what is known of the task, and its own instructions. */
    String instructions(Work work) throws IOException {
        StringBuilder all = new StringBuilder();
        for (Path file : contextFiles) {
            Path known = directory.resolve(file);
            if (Files.isRegularFile(known)) {
                if (Files.size(known) > LONGEST_CONTEXT) {
                    throw new IOException(known + " is longer than " + (LONGEST_CONTEXT >> 10) + " KB; shorten it");
                }
                add(all, Files.readString(known, UTF_8));
            }
        }
        add(all, work.systemPrompt());
        add(all, work.context());
        return all.toString();
    }

    private static void add(StringBuilder all, String part) {
        if (!part.isBlank()) {
            all.append(all.isEmpty() ? "" : "\n\n").append(part.strip());
        }
    }

    /** Brings a task's input into a file of its directory; null where it has none. */
    Path input(Work work, Path place, HubClient hub) throws IOException, InterruptedException {
        if (work.inputRef() == null) {
            return null;
        }
        Path file = place.resolve("input-" + work.taskId() + ".jsonl");
        try (Writer out = Files.newBufferedWriter(file, UTF_8)) {
            Object from = 0L;
            while (from != null) {
                Map<String, Object> piece = hub.call("task.text", Map.of("ref", work.inputRef(), "from", from));
                out.write((String) piece.get("text"));
                from = piece.get("next");
            }
        }
        return file;
    }
}
