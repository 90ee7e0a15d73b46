package io.koshi.skill.internal;

import io.koshi.model.ToolSpec;
import io.koshi.tool.Tool;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the five skill tools of the main agent share. */
abstract class SkillTool implements Tool {
    static final String NAME = "The skill's name: a-z 0-9 -.";

    private final ToolSpec spec;
    private final boolean readOnly;

    SkillTool(ToolSpec spec, boolean readOnly) {
        this.spec = spec;
        this.readOnly = readOnly;
    }

    @Override
    public final ToolSpec spec() {
        return spec;
    }

    @Override
    public final boolean readOnly() {
        return readOnly;
    }

    @Override
    public final Audience audience() {
        return Audience.COORDINATOR;
    }

    static Map<String, Object> text(String description) {
        return Map.of("type", "string", "description", description);
    }

    static Map<String, Object> texts(String description) {
        return Map.of("type", "array", "items", Map.of("type", "string"), "description", description);
    }

    static ToolSpec spec(String name, String description, Map<String, Object> properties, List<String> required) {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("type", "object");
        schema.put("properties", properties);
        schema.put("required", required);
        schema.put("additionalProperties", false);
        return new ToolSpec(name, description, schema);
    }

    /** The fields of a skill, for the two tools that write one. */
    static Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("name", text(NAME));
        fields.put("description", text("A sentence on what it is for."));
        fields.put("triggers", texts("Words or phrases that call for it."));
        fields.put("tools", texts("The whole tool set of a specialist that works by it."));
        fields.put("model", text("The model of that specialist."));
        fields.put("text", text("How it is done, Markdown."));
        return fields;
    }

    static SkillMethods.Draft draft(Map<String, Object> arguments) {
        return new SkillMethods.Draft(
                Optional.empty(),
                one(arguments, "name"),
                one(arguments, "description"),
                many(arguments, "triggers"),
                many(arguments, "tools"),
                one(arguments, "model"),
                one(arguments, "text"));
    }

    static String name(Map<String, Object> arguments) {
        return one(arguments, "name").orElse("");
    }

    private static Optional<String> one(Map<String, Object> arguments, String key) {
        return Optional.ofNullable((String) arguments.get(key));
    }

    private static Optional<List<String>> many(Map<String, Object> arguments, String key) {
        return Optional.ofNullable((List<?>) arguments.get(key))
                .map(list -> new ArrayList<>(list).stream().map(String::valueOf).toList());
    }
}
