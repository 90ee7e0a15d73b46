package io.koshi.listener.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Message;
import io.koshi.api.Signature;
import io.koshi.api.Trust;
import io.koshi.codec.internal.RecordCodec;
import io.koshi.testkit.KeptInbox;
import io.koshi.testkit.ServletServer;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WebhookServletTest {
    private static final String BODY = "{\"user\":\"ann\",\"project\":\"koshi\",\"message\":\"done\",\"n\":{\"x\":7}}";

    private final KeptInbox inbox = new KeptInbox();
    private final HttpClient client = HttpClient.newHttpClient();
    private ServletServer server;

    @BeforeEach
    void start() throws Exception {
        server = server(Duration.ofMinutes(1));
    }

    /** @param limit the longest that a body may take */
    private ServletServer server(Duration limit) throws Exception {
        Map<String, Route> routes = Map.of(
                "/webhook/deploy",
                Route.of(
                        "deploy",
                        Map.of(
                                "secret", "s3cret",
                                "idHeader", "X-Delivery",
                                "sender", "{{user}}",
                                "conversation", "{{project}}",
                                "text", "{{ message }} ({{n.x}}{{nowhere}})")),
                "/webhook/old",
                Route.of("old", Map.of("secret", "s3cret", "verify", "hmac-sha1", "header", "X-Old", "prefix", "")),
                "/webhook/token",
                Route.of("token", Map.of("secret", "s3cret", "verify", "bearer")),
                "/webhook/open",
                Route.of("open", Map.of("verify", "none")));
        WebhookServlet servlet = new WebhookServlet(
                inbox, new Incoming(new RecordCodec(), "webhook", 50), routes, 25 * 1024 * 1024, limit);
        return new ServletServer(
                servlet, "/webhook/*", "/webhook/deploy", "/webhook/old", "/webhook/token", "/webhook/open");
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
    }

    private HttpRequest.Builder post(String path, String body) {
        return HttpRequest.newBuilder(server.uri(path))
                .timeout(Duration.ofMinutes(2))
                .POST(HttpRequest.BodyPublishers.ofString(body));
    }

    private HttpRequest.Builder deploy(String id, String body) {
        return post("/webhook/deploy", body)
                .header("Content-Type", "application/json")
                .header("X-Delivery", id)
                .header(
                        "X-Signature-256",
                        "sha256=" + Signature.hmacSha256("s3cret").of(body.getBytes(StandardCharsets.UTF_8)));
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private void assertRefused(HttpResponse<String> answer, int status, ErrorCode code) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(answer.body()).contains("\"code\":\"" + code + "\"");
        assertThat(inbox.messages).isEmpty();
    }

    @Test
    void makesAMessageByTheRoutesTemplates() throws Exception {
        HttpResponse<String> answer = send(deploy(" 42 ", BODY));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body()).contains("\"duplicate\":false");
        Message message = inbox.messages.get(0);
        assertThat(message.from()).hasToString("webhook:koshi");
        assertThat(message.sender()).isEqualTo("ann");
        assertThat(message.text()).isEqualTo("done (7)");
        assertThat(message.externalId()).hasValue("deploy:42");
        assertThat(message.fields()).containsEntry("route", "deploy").containsEntry("user", "ann");
        assertThat(message.trust()).isEqualTo(Trust.MEDIUM);
    }

    @Test
    void fiftyRepeatsAtOnceBecomeOneMessage() throws Exception {
        List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            answers.add(client.sendAsync(deploy("same", BODY).build(), HttpResponse.BodyHandlers.ofString()));
        }
        for (CompletableFuture<HttpResponse<String>> answer : answers) {
            assertThat(answer.get().statusCode()).isEqualTo(200);
        }
        assertThat(inbox.messages).hasSize(1);
    }

    @Test
    void refusesForgedAndUnsignedRequests() throws Exception {
        assertRefused(
                send(deploy("1", BODY).setHeader("X-Signature-256", "sha256=" + "0".repeat(64))),
                401,
                ErrorCode.UNAUTHORIZED);
        assertRefused(send(post("/webhook/deploy", BODY)), 401, ErrorCode.UNAUTHORIZED);
        assertRefused(send(post("/webhook/old", BODY)), 401, ErrorCode.UNAUTHORIZED);
    }

    @Test
    void verifiesSha1UnderAnyHeader() throws Exception {
        assertThat(send(post("/webhook/old", BODY)
                                .header("X-Old", Signature.hmacSha1("s3cret").of(BODY.getBytes())))
                        .statusCode())
                .isEqualTo(200);
        assertThat(inbox.messages.get(0).from()).hasToString("webhook:old");
        assertThat(inbox.messages.get(0).text()).isEqualTo(BODY);
        assertThat(inbox.messages.get(0).externalId()).isEmpty();
    }

    @Test
    void verifiesABearerTokenBeforeItReadsTheBody() throws Exception {
        assertThat(send(post("/webhook/token", BODY).header("Authorization", "bearer s3cret"))
                        .statusCode())
                .isEqualTo(200);
        inbox.messages.clear();
        assertRefused(
                send(post("/webhook/token", BODY).header("Authorization", "Bearer s3cre")),
                401,
                ErrorCode.UNAUTHORIZED);
        String status = server.raw(
                "POST /webhook/token HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000000\r\nAuthorization: Bearer no\r\n\r\n",
                out -> {});
        assertThat(status).contains(" 401 ");
    }

    @Test
    void anOpenRoutesMessagesAreTrustedLittle() throws Exception {
        assertThat(send(post("/webhook/open", BODY)).statusCode()).isEqualTo(200);
        assertThat(inbox.messages.get(0).trust()).isEqualTo(Trust.LOW);
    }

    @Test
    void anUnknownRouteIsNotThere() throws Exception {
        assertRefused(send(post("/webhook/nothing", BODY)), 404, ErrorCode.NOT_FOUND);
    }

    @ParameterizedTest
    @ValueSource(strings = {"token=s3cret", "a=1&access_token=s3cret"})
    void refusesACredentialInTheQuery(String query) throws Exception {
        assertRefused(
                send(deploy("1", BODY).uri(server.uri("/webhook/deploy?" + query))), 400, ErrorCode.INVALID_PARAMS);
    }

    @Test
    void needsTheIdThatItsHeaderPromises() throws Exception {
        assertRefused(send(deploy(" ", BODY)), 400, ErrorCode.INVALID_PARAMS);
        assertRefused(send(deploy("x".repeat(201), BODY)), 400, ErrorCode.INVALID_PARAMS);
    }

    @Test
    void takesTextListsAndPlainValues() throws Exception {
        send(post("/webhook/open", "grüße").header("Content-Type", "text/plain; charset=utf-8"));
        send(post("/webhook/open", " [1,{\"a\":2}]").header("Content-Type", "application/cloudevents+json"));
        send(post("/webhook/open", "42").header("Content-Type", "application/json"));
        assertThat(inbox.messages.get(0).text()).isEqualTo("grüße");
        assertThat(inbox.messages.get(1).fields()).containsEntry("items", List.of(1L, Map.of("a", 2L)));
        assertThat(inbox.messages.get(2).fields()).containsEntry("value", 42L);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"{\"a\":|400|PARSE_ERROR", "[1,]|400|PARSE_ERROR", "''|400|PARSE_ERROR", "nul|400|PARSE_ERROR"})
    void refusesMalformedJson(String body, int status, ErrorCode code) throws Exception {
        assertRefused(send(post("/webhook/open", body).header("Content-Type", "application/json")), status, code);
    }

    @Test
    void refusesJsonThatIsTooDeepAndTypesItDoesNotKnow() throws Exception {
        String deep = "[".repeat(100_000) + "]".repeat(100_000);
        assertRefused(
                send(post("/webhook/open", deep).header("Content-Type", "application/json")),
                400,
                ErrorCode.PARSE_ERROR);
        assertRefused(
                send(post("/webhook/open", "x").header("Content-Type", "application/zip")),
                400,
                ErrorCode.INVALID_PARAMS);
        assertRefused(
                send(post("/webhook/open", "x").header("Content-Type", "text/plain; charset=klingon")),
                400,
                ErrorCode.INVALID_PARAMS);
    }

    @Test
    void refusesGiantsAndTrickles() throws Exception {
        assertThat(server.raw(
                        "POST /webhook/open HTTP/1.1\r\nHost: localhost\r\nContent-Length: 104857600\r\n\r\n",
                        out -> {}))
                .contains(" 413 ");
        try (ServletServer hasty = server(Duration.ofSeconds(1))) {
            assertThat(hasty.raw(
                            "POST /webhook/open HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n", out -> {
                                for (int i = 0; i < 60; i++) {
                                    out.write('x');
                                    out.flush();
                                    LockSupport.parkNanos(50_000_000);
                                }
                            }))
                    .contains(" 408 ");
        }
        assertThat(inbox.messages).isEmpty();
    }

    @Test
    void aRouteWithoutASecretIsNoRoute() {
        assertThatThrownBy(() -> Route.of("deploy", Map.of())).isInstanceOf(KoshiException.class);
        assertThatThrownBy(() -> Route.of("deploy", Map.of("secret", " "))).hasMessageContaining("no secret");
        assertThatThrownBy(() -> Route.of("deploy", Map.of("secret", "x", "verify", "hmac-sha265")))
                .hasMessageContaining("hmac-sha265");
        assertThatThrownBy(() -> Route.of("deploy", Map.of("secret", "x", "idheader", "X")))
                .hasMessageContaining("idheader");
        assertThatThrownBy(() -> Route.of("de/ploy", Map.of("secret", "x"))).isInstanceOf(KoshiException.class);
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1,true", "127.9.9.9,true", "::1,true", "[::1],true", "10.0.0.1,false", "0.0.0.0,false"})
    void knowsALoopbackAddress(String address, boolean loopback) {
        assertThat(WebhookServlet.isLoopback(address)).isEqualTo(loopback);
    }
}
