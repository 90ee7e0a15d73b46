package io.koshi.itests;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.koshi.api.ErrorCode;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The wire as docs/protocol has it is the wire of the running hub: every change of it is a diff to review. */
@Tag("both")
class ContractIT {
    private static final String WRITE = "koshi.contract.write";
    private static final Path PROTOCOL = Path.of(System.getProperty("house"), "docs", "protocol");
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path home;

    @Test
    void everyMethodIsAsItWasReviewed() throws Exception {
        try (Daemon daemon = Daemon.in(home).config("http: { port: 0 }\n").start()) {
            Map<String, JsonNode> methods = new TreeMap<>();
            daemon.call("hub.methods", Map.of())
                    .path("methods")
                    .forEach(method -> methods.put(method.path("name").asText(), method));

            ObjectNode contract = JSON.createObjectNode();
            methods.forEach(contract::set);
            methods.values().forEach(method -> ((ObjectNode) method).remove("name"));
            isAsReviewed("methods.json", contract);
        }
    }

    /** The document is one, by the schema of its makers (spec.openapis.org/oas/3.1), and so is each schema in it. */
    @Test
    void theHttpContractIsAsItWasReviewed() throws Exception {
        try (Daemon daemon = Daemon.in(home).config("http: { port: 0 }\n").start()) {
            String token = Files.readString(home.resolve("token")).strip();
            HttpRequest ask = HttpRequest.newBuilder(daemon.http().resolve("/openapi.json"))
                    .header("Authorization", "Bearer " + token)
                    .build();
            JsonNode document = JSON.readTree(HttpClient.newHttpClient()
                    .send(ask, HttpResponse.BodyHandlers.ofString())
                    .body());

            SchemaRegistry schemas = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
            try (InputStream oas = ContractIT.class.getResourceAsStream("/oas-3.1-schema.json")) {
                assertThat(schemas.getSchema(JSON.readTree(oas)).validate(document))
                        .isEmpty();
            }
            Schema meta = schemas.getSchema(SchemaLocation.of("https://json-schema.org/draft/2020-12/schema"));
            List<JsonNode> all = new ArrayList<>(document.findValues("schema"));
            document.at("/components/schemas").forEach(all::add);
            for (JsonNode schema : all) {
                assertThat(meta.validate(schema)).as(schema.toString()).isEmpty();
            }
            isAsReviewed("openapi.json", document);
        }
    }

    /** Names that clients of other people rely on; more may come, none of these may go. */
    @Test
    void everyPromisedNameIsThere() throws IOException {
        JsonNode methods = JSON.readTree(PROTOCOL.resolve("methods.json").toFile());
        JsonNode promises = JSON.readTree(PROTOCOL.resolve("promised.json").toFile());

        List<String> broken = new ArrayList<>();
        promises.fields().forEachRemaining(promise -> {
            JsonNode method = methods.path(promise.getKey());
            if (method.isMissingNode()) {
                broken.add(promise.getKey());
            }
            promise.getValue().forEach(path -> {
                if (!has(method.path("result"), path.asText())) {
                    broken.add(promise.getKey() + " " + path.asText());
                }
            });
        });

        assertThat(broken).isEmpty();
    }

    /** {@code buffer.channels[].name}, as a schema has it. */
    private static boolean has(JsonNode schema, String path) {
        JsonNode here = schema;
        for (String name : path.split("[.]")) {
            here = here.path("properties").path(name.replace("[]", ""));
            here = name.endsWith("[]") ? here.path("items") : here;
        }
        return !here.isMissingNode();
    }

    @Test
    void everyErrorIsAsItWasReviewed() throws IOException {
        ArrayNode errors = JSON.createArrayNode();
        for (ErrorCode code : ErrorCode.values()) {
            errors.addObject()
                    .put("code", code.name())
                    .put("httpStatus", code.httpStatus())
                    .put("retryable", code.retryable());
        }
        isAsReviewed("errors.json", JSON.createObjectNode().set("errors", errors));
    }

    private void isAsReviewed(String name, JsonNode running) throws IOException {
        String text = JSON.writer(new DefaultPrettyPrinter().withObjectIndenter(new DefaultIndenter("  ", "\n")))
                        .writeValueAsString(running)
                + "\n";
        Path reviewed = PROTOCOL.resolve(name);
        if (Boolean.getBoolean(WRITE)) {
            Files.writeString(reviewed, text);
        }
        Path now = Files.writeString(home.resolve(name), text);
        assertThat(now)
                .as(
                        "The running hub differs from docs/protocol/%s. Where that is meant, write it anew with%n"
                                + "  mvn verify -pl itests -am -Dit.test=ContractIT -D%s=true"
                                + " -Dsurefire.failIfNoSpecifiedTests=false -Dfailsafe.failIfNoSpecifiedTests=false%n"
                                + "and have the diff reviewed.",
                        name, WRITE)
                .hasSameTextualContentAs(reviewed);
    }
}
