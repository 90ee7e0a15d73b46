package io.koshi.model.command;

import io.koshi.api.KoshiException;
import io.koshi.api.Nearest;
import java.util.List;
import java.util.Map;

/**
 * How a known program is asked.
 *
 * @param argv as {@link Template} reads it
 * @param output what it prints
 * @param bypass its flags that lift its own safety
 */
record Preset(List<String> argv, Output output, List<String> bypass) {
    /** For a program that is described by its settings alone. */
    static final Preset NONE = new Preset(List.of(), Output.TEXT, List.of());

    private static final Map<String, Preset> KNOWN = Map.of(
            "claude",
            new Preset(
                    List.of(
                            "claude",
                            "--print",
                            "--output-format",
                            "stream-json",
                            "--verbose",
                            "--include-partial-messages",
                            "--model",
                            "{model}",
                            "--resume",
                            "{session}",
                            "--allowedTools",
                            "{tools}",
                            "{bypass}"),
                    Output.CLAUDE,
                    List.of("--dangerously-skip-permissions")),
            "codex",
            new Preset(
                    List.of(
                            "codex",
                            "exec",
                            "--json",
                            "--skip-git-repo-check",
                            "--model",
                            "{model}",
                            "{bypass}",
                            "resume",
                            "{session}",
                            "-"),
                    Output.CODEX,
                    List.of("--dangerously-bypass-approvals-and-sandbox")),
            "kiro-cli",
            new Preset(
                    List.of(
                            "kiro-cli",
                            "chat",
                            "--no-interactive",
                            "--model",
                            "{model}",
                            "--trust-tools={tools}",
                            "{bypass}"),
                    Output.TEXT,
                    List.of("--trust-all-tools")));

    static Preset of(String name) {
        if (name.isBlank()) {
            return NONE;
        }
        Preset preset = KNOWN.get(name);
        if (preset == null) {
            throw KoshiException.invalid(
                    "/preset", "is not known; " + Nearest.hint(name, KNOWN.keySet()) + "; or set command");
        }
        return preset;
    }

    /** What a program prints. */
    enum Output {
        /** Words, colours and all. */
        TEXT,
        /** One object. */
        JSON,
        /** An object a line. */
        JSONL,
        /** As {@code claude --output-format stream-json}. */
        CLAUDE,
        /** As {@code codex exec --json}. */
        CODEX
    }
}
