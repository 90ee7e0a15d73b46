package io.koshi.openai.internal;

import io.koshi.codec.Codec;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How a client wants its answer to look (platform.openai.com, "Create chat completion"). What only a model itself could
 * do, such as temperature, seed and logprobs, is taken and has no effect; what a client would wait for in vain is
 * refused.
 *
 * @param stops texts before which the answer ends
 * @param most tokens it may have
 * @param format what the agent is told of the form; empty where any will do
 */
record Wishes(List<String> stops, OptionalInt most, Optional<String> format) {
    private static final int MOST_STOPS = 16;
    private static final int LONGEST_STOP = 1000;
    private static final String JSON =
            "Answer with one JSON object and nothing else: no words around it and no code fence.";

    /** @throws Refused in OpenAI's words for what cannot be had here */
    static Wishes of(Map<?, ?> body, Codec codec) {
        if (body.get("n") != null && !(body.get("n") instanceof Number n && n.doubleValue() == 1)) {
            throw Refused.unsupported("n", "One answer at a time: leave 'n' out.");
        }
        tools(body, "tool_choice");
        tools(body, "function_call");
        return new Wishes(stops(body.get("stop")), most(body), format(body.get("response_format"), codec));
    }

    Cut cut() {
        return new Cut(stops, most);
    }

    /** The agent has tools of its own; a client's are left alone, unless it counts on their being called. */
    private static void tools(Map<?, ?> body, String name) {
        if ("required".equals(body.get(name)) || body.get(name) instanceof Map) {
            throw Refused.unsupported(
                    name,
                    "The hub's agent uses the hub's tools and calls none of a client's; leave '" + name
                            + "' out or say auto or none.");
        }
    }

    private static List<String> stops(Object stop) {
        List<?> given = stop == null ? List.of() : stop instanceof List<?> list ? list : List.of(stop);
        List<String> stops = new ArrayList<>();
        for (Object each : given) {
            if (!(each instanceof String text) || text.length() > LONGEST_STOP) {
                throw Refused.invalid("stop", "'stop' is a text or a list of texts of at most 1,000 characters.");
            }
            if (!text.isEmpty()) {
                stops.add(text);
            }
        }
        if (stops.size() > MOST_STOPS) {
            throw Refused.invalid("stop", "There are more than " + MOST_STOPS + " stop sequences.");
        }
        return stops;
    }

    private static OptionalInt most(Map<?, ?> body) {
        String name = body.get("max_completion_tokens") != null ? "max_completion_tokens" : "max_tokens";
        Object most = body.get(name);
        if (most == null) {
            return OptionalInt.empty();
        }
        if (!(most instanceof Number number) || !(number.doubleValue() >= 1)) {
            throw Refused.invalid(name, "'" + name + "' is a whole number of at least 1.");
        }
        return OptionalInt.of(number.intValue());
    }

    private static Optional<String> format(Object format, Codec codec) {
        if (format == null) {
            return Optional.empty();
        }
        Object type = format instanceof Map<?, ?> map ? map.get("type") : null;
        if ("text".equals(type)) {
            return Optional.empty();
        }
        if ("json_object".equals(type)) {
            return Optional.of(JSON);
        }
        if ("json_schema".equals(type)
                && ((Map<?, ?>) format).get("json_schema") instanceof Map<?, ?> named
                && named.get("schema") instanceof Map<?, ?> schema) {
            return Optional.of(
                    JSON + " It fits this JSON Schema:\n" + new String(codec.json(schema), StandardCharsets.UTF_8));
        }
        throw Refused.invalid(
                "response_format",
                "'response_format' is of type text, json_object, or json_schema with json_schema.schema.");
    }
}
