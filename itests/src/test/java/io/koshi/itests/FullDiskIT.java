package io.koshi.itests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A disk without room: what cannot be kept is refused and comes again later, what was taken is kept, and reading goes
 * on. The full disk is a limit on the size of the daemon's files ({@code prlimit}), which needs no rights and can be
 * lifted while it runs.
 */
class FullDiskIT {
    private static final String SECRET = "disk-secret";

    @TempDir
    Path home;

    @Test
    void refusesWhatItCannotKeepAndRecoversWhenThereIsRoomAgain() throws Exception {
        try (Daemon daemon = Daemon.in(home).config("""
                http: { port: 0 }
                default: drop
                buffer: { batchWindowMs: 20 }
                plugins:
                  - { name: github, secret: "%s" }
                """.formatted(SECRET)).start()) {
            List<String> taken = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                assertThat(deliver(daemon, i).statusCode()).isEqualTo(200);
                taken.add("d" + i);
            }
            limitFiles(daemon, "1000000");
            HttpResponse<String> refused = null;
            for (int i = 20; i < 400 && refused == null; i++) {
                HttpResponse<String> answer = deliver(daemon, i);
                if (answer.statusCode() == 200) {
                    taken.add("d" + i);
                } else {
                    refused = answer;
                }
            }
            assertThat(refused).as("a refusal").isNotNull();
            assertThat(refused.statusCode()).as(refused.body()).isEqualTo(503);
            assertThat(refused.headers().firstValue("Retry-After")).isPresent();
            assertThat(refused.body()).doesNotContain("Exception", "SQLITE");

            // the small writes of earlier deliveries may still find room: what counts is that none is left in the end
            JsonNode health = await().until(
                            () -> {
                                if (deliver(daemon, 999).statusCode() == 200) {
                                    taken.add("d999");
                                }
                                return daemon.call("hub.health", Map.of());
                            },
                            now -> now.path("status").asText().equals("unhealthy"));
            assertThat(health.path("error").asText()).startsWith("store: ").contains("disk");
            assertThat(daemon.get("/health").statusCode()).isEqualTo(503);
            assertThat(daemon.get("/health/live").statusCode()).isEqualTo(200);
            assertThat(daemon.call("session.list", Map.of()).has("sessions")).isTrue();
            assertThat(daemon.call("hub.trace", Map.of("externalId", "d0"))
                            .path("externalId")
                            .asText())
                    .isEqualTo("d0");

            limitFiles(daemon, "unlimited");
            await().until(() -> deliver(daemon, 1000).statusCode(), status -> status == 200);
            taken.add("d1000");
            await().until(() ->
                    daemon.call("hub.health", Map.of()).path("status").asText().equals("healthy"));
            await().untilAsserted(() -> {
                for (String id : taken) {
                    assertThat(daemon.call("hub.trace", Map.of("externalId", id))
                                    .path("state")
                                    .asText())
                            .as(id)
                            .isEqualTo("dropped");
                }
            });
            daemon.kill();
            daemon.restart();
            for (String id : taken) {
                assertThat(daemon.call("hub.trace", Map.of("externalId", id))
                                .path("state")
                                .asText())
                        .as(id)
                        .isEqualTo("dropped");
            }
        }
    }

    @Test
    void keepsItsLastRoomForPeople() throws Exception {
        try (Daemon daemon = Daemon.in(home).config("""
                http: { port: 0 }
                store: { minFreeMB: 2000000000 }
                buffer: { batchWindowMs: 20 }
                plugins:
                  - { name: github, secret: "%s" }
                """.formatted(SECRET)).start()) {
            FrameSocket.Refused memory = catchThrowableOfType(
                    FrameSocket.Refused.class, () -> daemon.call("memory.store", Map.of("content", "one more thing")));
            assertThat(memory).isNotNull();
            assertThat(memory.code()).isEqualTo("SERVICE_UNAVAILABLE");
            HttpResponse<String> webhook = deliver(daemon, 1);
            assertThat(webhook.statusCode()).as(webhook.body()).isEqualTo(429);
            assertThat(webhook.headers().firstValue("Retry-After")).isPresent();

            JsonNode person = daemon.call("channel.receive", Map.of("text", "is anybody there?"));
            assertThat(person.path("duplicate").asBoolean()).isFalse();
            await().untilAsserted(() -> assertThat(daemon.call(
                                    "hub.trace", Map.of("id", person.path("id").asText()))
                            .path("hops")
                            .toString())
                    .contains("sent"));
            assertThat(daemon.call("memory.query", Map.of("query", "thing")).has("memories"))
                    .isTrue();
            assertThat(daemon.call("hub.health", Map.of()).path("parts").toString())
                    .contains("short of space");
        }
    }

    private static HttpResponse<String> deliver(Daemon daemon, int i) throws IOException, InterruptedException {
        byte[] body = GithubDeliveries.pullRequest("octo/disk", 1, "edited", i);
        return daemon.post(
                "/webhook/github",
                new String(body, StandardCharsets.UTF_8),
                "X-GitHub-Event",
                "pull_request",
                "X-GitHub-Delivery",
                "d" + i,
                "X-Hub-Signature-256",
                GithubDeliveries.signature(SECRET, body));
    }

    /** How large a file the daemon may write from here on, in bytes; beyond it a write fails with EFBIG. */
    private static void limitFiles(Daemon daemon, String bytes) throws IOException, InterruptedException {
        Process prlimit = new ProcessBuilder(
                        "prlimit", "--pid", Long.toString(daemon.pid()), "--fsize=" + bytes + ":unlimited")
                .inheritIO()
                .start();
        assertThat(prlimit.waitFor(120, TimeUnit.SECONDS)).isTrue();
        assertThat(prlimit.exitValue()).isZero();
    }
}
