package io.koshi.model.openai;

import java.util.Optional;

/**
 * What servers that speak chat completions do not agree on.
 *
 * @param tokensField how the limit of an answer is spelled: OpenAI refuses {@code max_tokens} for newer models, most
 *     others know nothing else
 * @param usage whether it may be asked to count tokens at the end of a stream
 */
record Dialect(String tokensField, boolean usage) {
    private static final String OLD = "max_tokens";
    private static final String NEW = "max_completion_tokens";

    /** The likely one of a host. */
    static Dialect of(String host) {
        return new Dialect(host.endsWith("openai.com") ? NEW : OLD, true);
    }

    /** The one to try next when a request was refused with this sentence; empty when it is about something else. */
    Optional<Dialect> after(String refusal) {
        if (usage && refusal.contains("stream_options")) {
            return Optional.of(new Dialect(tokensField, false));
        }
        if (refusal.contains(tokensField) && (tokensField.equals(NEW) || refusal.contains(NEW))) {
            return Optional.of(new Dialect(tokensField.equals(NEW) ? OLD : NEW, usage));
        }
        return Optional.empty();
    }
}
