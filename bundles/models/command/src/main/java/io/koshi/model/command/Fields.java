package io.koshi.model.command;

import io.koshi.model.Usage;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Takes an answer out of objects by the names of their fields; a name may be a path, {@code message.text}.
 *
 * @param text where the whole answer is
 * @param delta where a piece of it is; empty where there is no such thing
 * @param session where the program's name of the conversation is
 * @param error where a failure is told
 */
record Fields(String text, String delta, String session, String error, Spoken spoken)
        implements Consumer<Map<String, Object>> {
    @Override
    public void accept(Map<String, Object> object) {
        spoken.session(text(object, session));
        spoken.say(delta.isEmpty() ? "" : text(object, delta));
        String whole = text(object, text);
        if (Boolean.TRUE.equals(object.get("is_error"))) {
            spoken.failed(whole.isEmpty() ? text(object, error) : whole);
            return;
        }
        if (!text(object, error).isEmpty()) {
            spoken.failed(text(object, error));
        }
        spoken.whole(whole);
        usage(object(object.get("usage")), spoken);
    }

    /** Counts of tokens, by the names that Anthropic's and OpenAI's programs give them. */
    static void usage(Map<?, ?> counted, Spoken spoken) {
        if (!counted.isEmpty()) {
            long cached = number(counted, "cached_input_tokens"); // part of the input
            spoken.usage(new Usage(
                    Math.max(0, number(counted, "input_tokens") - cached),
                    number(counted, "output_tokens"),
                    cached + number(counted, "cache_read_input_tokens"),
                    number(counted, "cache_creation_input_tokens")));
        }
    }

    /** A string at a path, empty where there is none. */
    static String text(Object data, String path) {
        Object at = data;
        for (String step : path.split("\\.")) {
            at = object(at).get(step);
        }
        return at instanceof String text ? text : "";
    }

    static Map<?, ?> object(Object value) {
        return value instanceof Map<?, ?> map ? map : Map.of();
    }

    static List<?> list(Object value) {
        return value instanceof List<?> list ? list : List.of();
    }

    private static long number(Map<?, ?> object, String name) {
        return object.get(name) instanceof Number number ? number.longValue() : 0;
    }
}
