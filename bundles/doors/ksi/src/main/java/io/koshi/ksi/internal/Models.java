package io.koshi.ksi.internal;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The document its framework made of the older daemon's models: OpenAPI 3.0.2, its title and version. */
final class Models {
    private Models() {}

    static Map<String, Object> document() {
        Map<String, Object> paths = new LinkedHashMap<>();
        paths.put("/api/v1/spawn", Map.of("post", operation("Spawn", "SpawnCommand")));
        paths.put("/api/v1/agents/register", Map.of("post", operation("Register Agent", "AgentRegistration")));
        paths.put("/api/v1/agents", Map.of("get", operation("List Agents", null)));
        paths.put("/api/v1/status", Map.of("get", operation("Get Status", null)));
        paths.put("/health", Map.of("get", operation("Health", null)));
        Map<String, Object> schemas = new LinkedHashMap<>();
        schemas.put(
                "SpawnCommand", model(List.of("session_id", "prompt"), "prompt", "model", "tools", "agent_profile"));
        schemas.put(
                "AgentRegistration",
                model(List.of("session_id", "agent_id", "profile"), "agent_id", "profile", "capabilities"));
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("openapi", "3.0.2");
        document.put("info", Map.of("title", "KSI Daemon API", "version", "2.0.0"));
        document.put("paths", paths);
        document.put("components", Map.of("schemas", schemas));
        return document;
    }

    private static Map<String, Object> operation(String summary, String model) {
        Map<String, Object> operation = new LinkedHashMap<>();
        operation.put("summary", summary);
        if (model != null) {
            Map<String, Object> schema = Map.of("$ref", "#/components/schemas/" + model);
            operation.put(
                    "requestBody",
                    Map.of("required", true, "content", Map.of("application/json", Map.of("schema", schema))));
        }
        operation.put("responses", Map.of("200", Map.of("description", "Successful Response")));
        return operation;
    }

    private static Map<String, Object> model(List<String> required, String... names) {
        Map<String, Object> properties = new LinkedHashMap<>();
        properties.put("command", Map.of("type", "string", "enum", Commands.TYPES));
        properties.put("session_id", Map.of("type", "string", "pattern", Fields.UUID));
        properties.put("timestamp", Map.of("type", "string", "format", "date-time"));
        for (String name : names) {
            boolean list = name.equals("tools") || name.equals("capabilities");
            properties.put(
                    name, list ? Map.of("type", "array", "items", Map.of("type", "string")) : Map.of("type", "string"));
        }
        return Map.of("type", "object", "required", required, "properties", properties);
    }
}
