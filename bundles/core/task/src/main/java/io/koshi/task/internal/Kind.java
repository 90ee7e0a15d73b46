package io.koshi.task.internal;

import io.koshi.api.KoshiException;
import java.util.Locale;

/** Who can do a task. */
enum Kind {
    /** A model. */
    CHAT,
    /** A Python interpreter on a worker's machine. */
    PYTHON,
    /** A shell on a worker's machine. */
    SHELL,
    /** A person; never leased. */
    HUMAN;

    static Kind of(String word) {
        for (Kind kind : values()) {
            if (kind.word().equals(word)) {
                return kind;
            }
        }
        throw KoshiException.invalid("/type", "a task's type is chat, python, shell or human");
    }

    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether it runs a program of its own on the worker's machine. */
    boolean code() {
        return this == PYTHON || this == SHELL;
    }
}
