package io.koshi.service.githubtools;

import io.koshi.model.ToolSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** How things of GitHub look to a model, and how a tool's parameters are declared. */
final class Shown {
    /** The most characters of a thing's words that are shown. */
    static final int WORDS = 20_000;

    private Shown() {}

    /** @param parameters names with their type and description in turn */
    static ToolSpec spec(String name, String description, List<String> required, String... parameters) {
        Map<String, Object> properties = new LinkedHashMap<>();
        for (int i = 0; i < parameters.length; i += 3) {
            properties.put(parameters[i], Map.of("type", parameters[i + 1], "description", parameters[i + 2]));
        }
        return new ToolSpec(
                name,
                description,
                Map.of(
                        "type",
                        "object",
                        "properties",
                        properties,
                        "required",
                        required,
                        "additionalProperties",
                        false));
    }

    static String line(Map<?, ?> thing) {
        return "#" + text(thing.get("number")) + " " + text(thing.get("title")) + " [" + text(thing.get("state"))
                + (thing.get("pull_request") != null || thing.get("head") != null ? ", pull request" : "") + "] by "
                + login(thing) + labels(thing);
    }

    static String login(Map<?, ?> thing) {
        return thing.get("user") instanceof Map<?, ?> user ? text(user.get("login")) : "somebody";
    }

    private static String labels(Map<?, ?> thing) {
        if (!(thing.get("labels") instanceof List<?> labels) || labels.isEmpty()) {
            return "";
        }
        return labels.stream()
                .map(label -> label instanceof Map<?, ?> map ? text(map.get("name")) : text(label))
                .collect(Collectors.joining(", ", " (", ")"));
    }

    static String text(Object value) {
        return value == null ? "" : value.toString();
    }

    static String cut(String text, int most) {
        return text.length() <= most ? text : text.substring(0, most) + "\n[… the rest is left out …]";
    }
}
