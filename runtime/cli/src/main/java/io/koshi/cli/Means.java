package io.koshi.cli;

import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a worker does tasks by.
 *
 * @param own for chat tasks, null where they are not taken
 * @param name what tasks may call its model; null where it has no name
 * @param models what a task may name instead
 * @param code for python and shell tasks, null where they are not taken
 */
record Means(Doing own, String name, OwnModels models, Doing code) {
    private static final int MOST_OFFERED = 64;

    /** The types of tasks it can do. */
    List<String> types() {
        if (code == null) {
            return List.of("chat");
        }
        return own == null ? List.of("python", "shell") : List.of("chat", "python", "shell");
    }

    /** The models that it has: a task that names another is not for it. */
    List<String> offered() {
        if (own == null) {
            return List.of();
        }
        return Stream.concat(Stream.ofNullable(name), models.usable())
                .distinct()
                .limit(MOST_OFFERED)
                .toList();
    }

    /**
     * By the model that the task names, else by the worker's own.
     *
     * @throws IOException when this machine has no model of that name
     */
    Doing of(Work work) throws IOException {
        if (work.code()) {
            return code;
        }
        if (work.model() == null || work.model().equals(name)) {
            return own;
        }
        return models.find(work.model())
                .orElseThrow(() -> new IOException("this worker has no model '" + work.model()
                        + "': start one where koshi.yaml has it under models"));
    }
}
