package io.koshi.model.command;

import io.koshi.api.KoshiException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The flags by which known programs drop their own safety; they are used only where the configuration says so. */
final class BypassFlags {
    /** Lower case; found anywhere in a word, so that no shell or wrapper hides them. */
    private static final List<String> KNOWN = List.of(
            "dangerously", // claude --[allow-]dangerously-skip-permissions, codex --dangerously-bypass-…
            "bypasspermissions", // claude --permission-mode
            "trust-all-tools", // kiro-cli, q
            "danger-full-access", // codex --sandbox
            "--yolo", // codex, gemini
            "--full-auto",
            "--allow-all-tools", // copilot
            "--yes-always"); // aider

    /** The same in two words: what stands after an option. */
    private static final List<List<String>> PAIRS =
            List.of(List.of("--ask-for-approval", "never"), List.of("-a", "never"), List.of("--approval-mode", "yolo"));

    private BypassFlags() {}

    /** The first of them in an argument vector. */
    static Optional<String> in(List<String> argv) {
        for (int i = 0; i < argv.size(); i++) {
            String word = argv.get(i).toLowerCase(Locale.ROOT);
            String next = i + 1 < argv.size() ? argv.get(i + 1).toLowerCase(Locale.ROOT) : "";
            if (KNOWN.stream().anyMatch(word::contains)
                    || PAIRS.contains(List.of(word, next))
                    || word.replaceAll("[\\s\"']", "").contains("approval_policy=never")) {
                return Optional.of(argv.get(i));
            }
        }
        return Optional.empty();
    }

    /** @throws KoshiException INVALID_PARAMS when there is one */
    static void refuse(List<String> argv, String path) {
        in(argv).ifPresent(flag -> {
            throw KoshiException.invalid(
                    path, "'" + flag + "' switches the program's own safety off: say bypass: true if you want that");
        });
    }
}
