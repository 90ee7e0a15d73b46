package io.koshi.cli;

import java.util.List;

/**
 * What a worker does tasks by.
 *
 * @param own for chat tasks, null where they are not taken
 * @param models what a task may name instead
 * @param code for python and shell tasks, null where they are not taken
 */
record Means(Doing own, OwnModels models, Doing code) {
    /** The types of tasks it can do. */
    List<String> types() {
        if (code == null) {
            return List.of("chat");
        }
        return own == null ? List.of("python", "shell") : List.of("chat", "python", "shell");
    }

    /** By the model that the task names where this machine has one of that name. */
    Doing of(Work work) {
        return work.code() ? code : models.find(work.model()).orElse(own);
    }
}
