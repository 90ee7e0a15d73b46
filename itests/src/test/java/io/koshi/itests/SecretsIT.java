package io.koshi.itests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A secret stands where a person put it and nowhere else: in no answer, no log, no database, no error. */
class SecretsIT {
    private static final String FILED = "canary-of-the-file-4711";
    private static final String NAMED = "canary-of-the-environment-4711";
    private static final String SHOWN = "canary-of-a-guest-4711";

    @TempDir
    Path home;

    @Test
    void standsNowhereButWhereItWasPut() throws Exception {
        Path secrets = Files.writeString(home.resolve("secrets.yaml"), "hook: " + FILED + "\n");
        Files.setPosixFilePermissions(secrets, PosixFilePermissions.fromString("rw-------"));
        List<String> said = new ArrayList<>();
        try (FakePlatform platform = new FakePlatform(FILED);
                Daemon daemon = Daemon.in(home)
                        .environment("KOSHI_CANARY", NAMED)
                        .config(config(platform))
                        .start()) {
            KoshiCommand koshi = KoshiCommand.in(home);
            byte[] body = "{\"user\":\"ann\",\"message\":\"hello\"}".getBytes(StandardCharsets.UTF_8);
            String text = new String(body, StandardCharsets.UTF_8);
            String right = GithubDeliveries.signature(NAMED, body);
            said.add(text(daemon.post("/webhook/named", text, "X-Signature-256", right, "X-Delivery", "d1"), 200));
            said.add(text(daemon.post("/webhook/named", text, "X-Signature-256", SHOWN), 401));
            said.add(text(daemon.post("/webhook/bearer", text, "Authorization", "Bearer " + SHOWN), 401));
            said.add(text(daemon.post("/webhook/bearer", text, "Authorization", "Bearer " + NAMED), 200));
            said.add(text(daemon.post("/webhook/bearer?token=" + SHOWN, text), 400));
            daemon.call("channel.send", Map.of("channel", "http", "to", "ann", "text", "signed"));
            await().until(() ->
                    platform.posts().stream().anyMatch(post -> post.text().equals("signed")));
            await().untilAsserted(() -> assertThat(daemon.call("hub.trace", Map.of("externalId", "named:d1"))
                            .toString())
                    .contains("done"));
            for (String method : List.of(
                    "hub.config",
                    "hub.status",
                    "hub.health",
                    "hub.methods",
                    "plugin.list",
                    "channel.list",
                    "route.list")) {
                said.add(daemon.call(method, Map.of()).toString());
            }
            said.add(daemon.call("hub.trace", Map.of("externalId", "named:d1")).toString());
            said.add(daemon.call("hub.status", Map.of("dump", true)).toString());
            said.add(refusal(daemon, "hub.trace", Map.of("id", "none")));
            said.add(refusal(daemon, "plugin.add", Map.of("source", "nowhere.jar")));
            for (String path : List.of("/health", "/health/ready", "/metrics", "/nothing")) {
                said.add(daemon.get(path).body());
            }
            for (String[] words : List.of(
                    new String[] {"config", "show"},
                    new String[] {"config", "show", "--json"},
                    new String[] {"status"},
                    new String[] {"logs", "-n", "500"},
                    new String[] {"plugins"},
                    new String[] {"plan", "remove", "webhook"},
                    new String[] {"gogo", "--", "scr:list"},
                    new String[] {"doctor"})) {
                KoshiCommand.Outcome outcome = koshi.run(words);
                said.add(outcome.out() + outcome.err());
            }
            // a mistake beside a secret, and a secret where a number belongs, are told without it
            daemon.config(config(platform) + "store: { minFreeMB: \"${secrets.hook}\" }\n");
            said.add(refusal(daemon, "hub.reload", Map.of()));
            daemon.config(config(platform).replace("verify: bearer", "verify: \"${secrets.hook}\""));
            try {
                said.add(daemon.call("hub.reload", Map.of()).toString());
            } catch (FrameSocket.Refused refused) {
                said.add(refused.getMessage());
            }
            await().until(() ->
                    daemon.call("hub.health", Map.of()).path("status").asText().equals("degraded"));
            said.add(daemon.call("plugin.list", Map.of()).toString());
            said.add(daemon.call("hub.health", Map.of()).toString());
            daemon.config(config(platform));
            said.add(daemon.call("plugin.list", Map.of()).toString());
            assertThat(daemon.stop()).isZero();
            said.add(daemon.outputText());
        }
        assertThat(said)
                .filteredOn(answer -> Stream.of(FILED, NAMED, SHOWN).anyMatch(answer::contains))
                .isEmpty();
        assertThat(said.get(5)).contains("****", "webhook");
        assertThat(filesWith(FILED)).containsExactly(home.resolve("secrets.yaml"));
        assertThat(filesWith(NAMED)).isEmpty();
        assertThat(filesWith(SHOWN)).isEmpty();
    }

    private static String text(HttpResponse<String> answer, int status) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        return answer.headers().map() + answer.body();
    }

    private static String refusal(Daemon daemon, String method, Map<String, ?> params) throws IOException {
        try {
            throw new AssertionError(daemon.call(method, params).toString());
        } catch (FrameSocket.Refused refused) {
            return refused.getMessage();
        }
    }

    private List<Path> filesWith(String canary) throws IOException {
        List<Path> found = new ArrayList<>();
        try (Stream<Path> files = Files.walk(home)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains(canary)) {
                    found.add(file);
                }
            }
        }
        return found;
    }

    private static String config(FakePlatform platform) {
        return """
                http: { port: 0 }
                logLevel: debug
                buffer: { batchWindowMs: 20 }
                routes:
                  - match: { channel: webhook }
                    action: { reply: "taken" }
                plugins:
                  - { name: http, url: "%s", secret: "${secrets.hook}" }
                  - name: webhook
                    routes:
                      named: { secret: "${KOSHI_CANARY}", idHeader: X-Delivery, sender: "{{user}}", text: "{{message}}" }
                      bearer: { secret: "${KOSHI_CANARY}", verify: bearer }
                """.formatted(platform.uri());
    }
}
