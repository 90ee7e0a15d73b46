package io.koshi.config.internal;

import io.koshi.api.Problem;
import io.koshi.config.Config;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/**
 * A configuration that was read and found good.
 *
 * @param file where it was read
 * @param warnings sentences about what is accepted but has no effect
 */
record Loaded(Path file, String text, Document document, Config config, List<String> warnings, Instant at) {
    /** A room's sentence about a value may repeat it, and the value may be a secret. */
    private String mask(String sentence) {
        return Redaction.mask(sentence, Redaction.secrets(document));
    }

    /** Says where in the file a problem is. */
    Problem locate(Problem problem) {
        Fault fault = new Fault(document.place(problem.path()), problem.path(), mask(problem.problem()));
        return new Problem(problem.path(), fault.in(file.getFileName().toString()));
    }
}
