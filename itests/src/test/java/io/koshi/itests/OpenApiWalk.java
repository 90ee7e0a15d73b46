package io.koshi.itests;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Calls every operation of an OpenAPI document: with its example, with a member too many, with each required one
 * missing and with each of a wrong type; every answer must be one that the document tells of. Confined to one thread.
 */
final class OpenApiWalk {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Set<String> LEFT_OUT = Set.of("/api/v1/hub/stop", "/api/v1/hub/backup");

    private final JsonNode document;
    private final Door door;
    private final SchemaRegistry schemas = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
    private final Map<String, Schema> known = new HashMap<>();
    private final List<String> faults = new ArrayList<>();
    private int calls;

    /** Sends a request. */
    interface Door {
        /** @param body null for a GET */
        HttpResponse<String> send(String path, String body) throws Exception;
    }

    OpenApiWalk(JsonNode document, Door door) {
        this.document = document;
        this.door = door;
    }

    /** What was answered otherwise than the document says. */
    List<String> faults() throws Exception {
        for (var path : document.path("paths").properties()) {
            if (LEFT_OUT.contains(path.getKey())) {
                continue;
            }
            JsonNode post = path.getValue().path("post");
            if (!post.isMissingNode()) {
                posts(path.getKey(), post);
            }
            JsonNode get = path.getValue().path("get");
            if (!get.isMissingNode()) {
                gets(path.getKey(), get);
            }
        }
        return faults;
    }

    int calls() {
        return calls;
    }

    private void posts(String path, JsonNode operation) throws Exception {
        JsonNode content = operation.at("/requestBody/content/application~1json");
        JsonNode schema = content.path("schema");
        ObjectNode example = content.path("example").deepCopy();
        if (!schemas.getSchema(schema).validate(example).isEmpty()) {
            faults.add(path + ": its example is not of its schema");
        }
        check(path, operation, example.toString(), false);
        check(path, operation, example.deepCopy().put("no_such_member", 1).toString(), true);
        for (JsonNode required : schema.path("required")) {
            ObjectNode less = example.deepCopy();
            less.remove(required.asText());
            check(path, operation, less.toString(), true);
        }
        for (var property : schema.path("properties").properties()) {
            JsonNode wrong = wrong(property.getValue().path("type").asText());
            if (wrong != null) {
                check(
                        path,
                        operation,
                        example.deepCopy().set(property.getKey(), wrong).toString(),
                        true);
            }
        }
    }

    private void gets(String path, JsonNode operation) throws Exception {
        StringBuilder needed = new StringBuilder("?");
        for (JsonNode parameter : operation.path("parameters")) {
            if (parameter.path("required").asBoolean()) {
                needed.append(parameter.path("name").asText()).append("=1&");
            }
        }
        check(path + needed, operation, null, null);
        check(path + needed + "no_such_parameter=1", operation, null, true);
        for (JsonNode parameter : operation.path("parameters")) {
            if (Set.of("integer", "number", "boolean")
                    .contains(parameter.at("/schema/type").asText())) {
                String wrong = URLEncoder.encode("no such", StandardCharsets.UTF_8);
                check(path + needed + parameter.path("name").asText() + "=" + wrong, operation, null, true);
            }
        }
    }

    /** A value that is not of the type; null for a type that takes all. */
    private static JsonNode wrong(String type) {
        JsonNodeFactory values = JsonNodeFactory.instance;
        return switch (type) {
            case "" -> null;
            case "object" -> values.arrayNode();
            case "boolean" -> values.textNode("true");
            case "integer", "number" -> values.textNode("seven");
            default -> values.objectNode().put("no", true);
        };
    }

    /** @param bad whether it must be refused; null where it may be */
    private void check(String path, JsonNode operation, String body, Boolean bad) throws Exception {
        calls++;
        HttpResponse<String> answer = door.send(path, body);
        String which = path + " " + body + " -> " + answer.statusCode() + " " + answer.body();
        boolean well = answer.statusCode() == 200;
        if (Boolean.TRUE.equals(bad) && answer.statusCode() != 400 || answer.statusCode() == 500) {
            faults.add(which);
        }
        String type = answer.headers().firstValue("Content-Type").orElse("");
        if (!type.equals(well ? "application/json" : "application/problem+json")) {
            faults.add(which + ": is " + type);
        }
        String name = well
                ? operation
                        .at("/responses/200/content/application~1json/schema/$ref")
                        .asText()
                : "#/components/schemas/Problem";
        Schema schema = known.computeIfAbsent(name, ref -> schemas.getSchema(document.at(ref.substring(1))));
        var wrong = schema.validate(JSON.readTree(answer.body()));
        if (!wrong.isEmpty()) {
            faults.add(which + ": " + wrong);
        }
    }
}
