package io.koshi.api;

import java.util.Objects;

/**
 * One thing wrong with an input.
 *
 * @param path JSON Pointer (RFC 6901) to the value, "" for the whole input
 * @param problem a sentence a person can act on
 */
public record Problem(String path, String problem) {
    public Problem {
        Objects.requireNonNull(path, "path");
        Objects.requireNonNull(problem, "problem");
    }
}
