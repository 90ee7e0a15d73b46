package io.koshi.model.command;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Trust;
import io.koshi.model.ModelRequest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The words that start the program, and what of them is left out for whom. Immutable.
 *
 * @param bypass the flags by which it drops its own safety, empty where they are not given
 * @param reckless whether such a flag stands among its own words
 * @param tools its own tools that it may use without asking
 */
record CommandLine(Template template, List<String> bypass, boolean reckless, String model, List<String> tools) {
    /** @throws KoshiException INVALID_PARAMS where a word drops its safety and the settings do not say that it may */
    static CommandLine of(CommandModel.Config config, Preset preset) {
        List<String> words = new ArrayList<>(config.command().length > 0 ? List.of(config.command()) : preset.argv());
        words.addAll(afterProgram(words, preset), List.of(config.args()));
        if (!config.bypass()) {
            BypassFlags.refuse(words, "/command");
        }
        return new CommandLine(
                new Template(words),
                config.bypass() ? preset.bypass() : List.of(),
                BypassFlags.in(words).isPresent(),
                config.model(),
                List.of(config.allowedTools()));
    }

    /** More arguments stand before those of a preset's end: a subcommand and a final {@code -} stay where they are. */
    private static int afterProgram(List<String> words, Preset preset) {
        int bypass = words.indexOf("{bypass}");
        return preset == Preset.NONE || bypass < 0 ? words.size() : bypass;
    }

    boolean has(String place) {
        return template.has(place);
    }

    String program() {
        return Path.of(template.words().get(0)).getFileName().toString();
    }

    /** What strangers have written is never given to a program without its own safety, nor with tools it need not ask for. */
    List<String> argv(ModelRequest request, String session) {
        boolean strange = request.trust() == Trust.LOW;
        if (strange && reckless) {
            throw new KoshiException(
                    ErrorCode.FORBIDDEN,
                    "'" + program() + "' runs without its own safety and is not given what strangers wrote: use another"
                            + " model for them, or {bypass} in place of the flag, which is left out then");
        }
        return template.fill(
                Map.of("model", model, "session", session, "tools", strange ? "" : String.join(",", tools)),
                strange ? List.of() : bypass);
    }
}
