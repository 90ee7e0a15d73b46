package io.koshi.model.command;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.model.Usage;
import java.util.Optional;
import java.util.function.Consumer;

/** What a program has said so far, whatever its form was. Confined to one thread. */
final class Spoken {
    /** The most characters of an answer. */
    static final int MAX_ANSWER = 4_000_000;

    private final Consumer<String> deltas;
    private final StringBuilder text = new StringBuilder();
    private boolean parted;
    private Optional<String> session = Optional.empty();
    private Optional<String> error = Optional.empty();
    private Usage usage = Usage.NONE;
    private String model = "";

    Spoken(Consumer<String> deltas) {
        this.deltas = deltas;
    }

    /** Some words more. */
    void say(String words) {
        if (words.isEmpty()) {
            return;
        }
        String delta = parted && text.length() > 0 ? "\n\n" + words : words;
        parted = false;
        if (text.length() + delta.length() > MAX_ANSWER) {
            throw new KoshiException(ErrorCode.TOO_LARGE, "the answer has more than " + MAX_ANSWER + " characters");
        }
        text.append(delta);
        deltas.accept(delta);
    }

    /** What is said next is another message of the same answer. */
    void part() {
        parted = true;
    }

    /** The whole answer, where it was not said piece by piece. */
    void whole(String words) {
        if (text.length() == 0) {
            say(words);
        }
    }

    void session(String id) {
        if (!id.isBlank()) {
            session = Optional.of(id);
        }
    }

    void model(String name) {
        model = name;
    }

    void usage(Usage counted) {
        usage = counted;
    }

    void failed(String why) {
        error = Optional.of(why);
    }

    String text() {
        return text.toString();
    }

    Optional<String> session() {
        return session;
    }

    Optional<String> error() {
        return error;
    }

    Usage usage() {
        return usage;
    }

    String model() {
        return model;
    }
}
