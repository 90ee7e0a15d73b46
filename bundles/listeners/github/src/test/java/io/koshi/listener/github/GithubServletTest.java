package io.koshi.listener.github;

import static org.assertj.core.api.Assertions.assertThat;

import io.koshi.api.Accepted;
import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Message;
import io.koshi.api.Signature;
import io.koshi.api.Trust;
import io.koshi.codec.Codec;
import io.koshi.codec.internal.RecordCodec;
import io.koshi.testkit.KeptInbox;
import io.koshi.testkit.ServletServer;
import java.net.URLEncoder;
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
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GithubServletTest {
    private static final String OPENED = """
            {"action":"opened","number":2,
             "pull_request":{"number":2,"title":"Update the README\\nwith more"},
             "repository":{"full_name":"Codertocat/Hello-World"},"sender":{"login":"Codertocat"}}""";

    private final Codec codec = new RecordCodec();
    private final KeptInbox inbox = new KeptInbox();
    private final Signature signature = Signature.hmacSha256("s3cret");
    private final HttpClient client = HttpClient.newHttpClient();
    private ServletServer server;

    @BeforeEach
    void start() throws Exception {
        server = server(Duration.ofMinutes(1));
    }

    /** @param limit the longest that a body may take */
    private ServletServer server(Duration limit) throws Exception {
        GithubServlet servlet =
                new GithubServlet(inbox, new Deliveries(codec, "github", 50), signature, 25 * 1024 * 1024, limit);
        return new ServletServer(servlet, "/webhook/github");
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
    }

    private HttpRequest.Builder delivery(String event, String id, String body) {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        return HttpRequest.newBuilder(server.uri("/webhook/github"))
                .timeout(Duration.ofMinutes(2))
                .header("Content-Type", "application/json")
                .header("X-GitHub-Event", event)
                .header("X-GitHub-Delivery", id)
                .header("X-Hub-Signature-256", "sha256=" + signature.of(bytes))
                .POST(HttpRequest.BodyPublishers.ofByteArray(bytes));
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private void assertRefused(HttpResponse<String> answer, int status, ErrorCode code) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        assertThat(codec.parseJson(answer.body().getBytes(StandardCharsets.UTF_8)))
                .asInstanceOf(InstanceOfAssertFactories.MAP)
                .containsEntry("code", code.name());
        assertThat(inbox.messages).isEmpty();
    }

    @Test
    void acceptsASignedDeliveryAndSaysWhichMessageItBecame() throws Exception {
        HttpResponse<String> answer = send(delivery("pull_request", "72D3162E-cc78-11e3-81ab-4c9367dc0958", OPENED));

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).matches("\\{\"id\":\"[0-9A-Z]{26}\",\"duplicate\":false}");
        Message message = inbox.messages.get(0);
        assertThat(message.from()).hasToString("github:Codertocat/Hello-World#2");
        assertThat(message.sender()).isEqualTo("Codertocat");
        assertThat(message.text())
                .isEqualTo("pull_request opened Codertocat/Hello-World#2: Update the README by Codertocat");
        assertThat(message.externalId()).hasValue("72d3162e-cc78-11e3-81ab-4c9367dc0958");
        assertThat(message.priority()).isEqualTo(50);
        assertThat(message.trust()).isEqualTo(Trust.MEDIUM);
        assertThat(message.fields())
                .containsEntry("event", "pull_request")
                .containsEntry("action", "opened")
                .containsEntry("delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958")
                .containsEntry("number", 2L);
    }

    @Test
    void fiftyRepeatsAtOnceBecomeOneMessage() throws Exception {
        List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            answers.add(client.sendAsync(
                    delivery("pull_request", "same", OPENED).build(), HttpResponse.BodyHandlers.ofString()));
        }
        int duplicates = 0;
        for (CompletableFuture<HttpResponse<String>> answer : answers) {
            assertThat(answer.get().statusCode()).isEqualTo(200);
            duplicates += answer.get().body().contains("\"duplicate\":true") ? 1 : 0;
        }
        assertThat(duplicates).isEqualTo(49);
        assertThat(inbox.messages).hasSize(1);
    }

    @Test
    void refusesAWrongSignature() throws Exception {
        HttpRequest.Builder wrong = delivery("push", "1", OPENED)
                .setHeader(
                        "X-Hub-Signature-256",
                        "sha256=" + Signature.hmacSha256("other").of(OPENED.getBytes()));
        assertRefused(send(wrong), 401, ErrorCode.UNAUTHORIZED);
    }

    @Test
    void refusesWhatIsNotSigned() throws Exception {
        HttpRequest unsigned = HttpRequest.newBuilder(server.uri("/webhook/github"))
                .header("X-GitHub-Event", "push")
                .header("X-GitHub-Delivery", "1")
                .POST(HttpRequest.BodyPublishers.ofString(OPENED))
                .build();
        assertRefused(client.send(unsigned, HttpResponse.BodyHandlers.ofString()), 401, ErrorCode.UNAUTHORIZED);
    }

    @Test
    void refusesABodyChangedAfterSigning() throws Exception {
        HttpRequest.Builder changed = delivery("push", "1", OPENED)
                .POST(HttpRequest.BodyPublishers.ofString(OPENED.replace("opened", "closed")));
        assertRefused(send(changed), 401, ErrorCode.UNAUTHORIZED);
    }

    @Test
    void refusesATokenInTheQuery() throws Exception {
        assertRefused(
                send(delivery("push", "1", OPENED).uri(server.uri("/webhook/github?token=s3cret"))),
                400,
                ErrorCode.INVALID_PARAMS);
    }

    @Test
    void needsADeliveryIdAndAnEvent() throws Exception {
        assertRefused(send(delivery("push", " ", OPENED)), 400, ErrorCode.INVALID_PARAMS);
        assertRefused(send(delivery("pu\"sh", "1", OPENED)), 400, ErrorCode.INVALID_PARAMS);
        assertRefused(send(delivery("push", "x".repeat(201), OPENED)), 400, ErrorCode.INVALID_PARAMS);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "{", "[]", "\"text\"", "{\"a\":1,}", "{\"a\":1}x", "{\"a\":1,\"a\":2}", "{\"a\":\"\u0001\"}"
            })
    void refusesWhatIsNoJsonObject(String body) throws Exception {
        assertRefused(send(delivery("push", "1", body)), 400, ErrorCode.PARSE_ERROR);
    }

    @Test
    void refusesJsonThatIsTooDeep() throws Exception {
        String deep = "{\"a\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}";
        assertRefused(send(delivery("push", "1", deep)), 400, ErrorCode.PARSE_ERROR);
    }

    @Test
    void theHeadersEventWinsOverThePayloads() throws Exception {
        send(delivery("deployment_protection_rule", "1", "{\"event\":\"push\",\"action\":\"requested\"}"));
        assertThat(inbox.messages.get(0).fields())
                .containsEntry("event", "deployment_protection_rule")
                .containsEntry("action", "requested");
    }

    @Test
    void takesAPingAndAnEmptyObject() throws Exception {
        assertThat(send(delivery("ping", "1", "{\"zen\":\"Keep it logically awesome.\"}"))
                        .statusCode())
                .isEqualTo(200);
        assertThat(send(delivery("future_event", "2", " { } ")).statusCode()).isEqualTo(200);
        assertThat(inbox.messages.get(0).text()).isEqualTo("ping: Keep it logically awesome. by github");
        assertThat(inbox.messages.get(1).from()).hasToString("github:github");
    }

    @Test
    void takesAFormsPayload() throws Exception {
        String form = "x=1&payload=" + URLEncoder.encode(OPENED, StandardCharsets.UTF_8) + "&y=2";
        HttpResponse<String> answer = send(
                delivery("pull_request", "1", form).setHeader("Content-Type", "application/x-www-form-urlencoded"));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(inbox.messages.get(0).fields()).containsEntry("action", "opened");
        assertRefused(
                cleared(delivery("push", "2", "x=1").setHeader("Content-Type", "application/x-www-form-urlencoded")),
                400,
                ErrorCode.PARSE_ERROR);
    }

    @Test
    void passesOnWhenToTryAgain() throws Exception {
        inbox.refusal = KoshiException.overloaded("the disk is short", Duration.ofSeconds(7));
        HttpResponse<String> answer = send(delivery("push", "1", OPENED));
        assertRefused(answer, 429, ErrorCode.OVERLOADED);
        assertThat(answer.headers().firstValue("Retry-After")).hasValue("7");
    }

    @Test
    void refusesAnAnnouncedHundredMegabytesWithoutReadingThem() throws Exception {
        String status =
                server.raw("POST /webhook/github HTTP/1.1\r\nHost: x\r\nContent-Length: 104857600\r\n\r\n", out -> {});
        assertThat(status).contains(" 413 ");
    }

    @Test
    void stopsReadingAnUnannouncedHundredMegabytes() throws Exception {
        byte[] chunk = ("100000\r\n" + "x".repeat(0x100000) + "\r\n").getBytes(StandardCharsets.US_ASCII);
        int[] sent = {0};
        String status =
                server.raw("POST /webhook/github HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", out -> {
                    for (; sent[0] < 100; sent[0]++) {
                        out.write(chunk);
                    }
                    out.write("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                });
        assertThat(status).contains(" 413 ");
        assertThat(inbox.messages).isEmpty();
    }

    @Test
    void cutsOffABodySentByteByByte() throws Exception {
        try (ServletServer hasty = server(Duration.ofSeconds(1))) {
            String status =
                    hasty.raw("POST /webhook/github HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n", out -> {
                        for (int i = 0; i < 60; i++) {
                            out.write('x');
                            out.flush();
                            LockSupport.parkNanos(50_000_000);
                        }
                    });
            assertThat(status).contains(" 408 ");
        }
    }

    @Test
    void answersOnlyPosts() throws Exception {
        HttpResponse<String> answer =
                send(HttpRequest.newBuilder(server.uri("/webhook/github")).GET());
        assertThat(answer.statusCode()).isEqualTo(405);
    }

    /** Sends with an empty inbox, for what is to be refused. */
    private HttpResponse<String> cleared(HttpRequest.Builder request) throws Exception {
        inbox.messages.clear();
        return send(request);
    }

    @Test
    void everyAcceptedAnswerNamesTheFirstMessage() throws Exception {
        Accepted first = inbox.accept(new Deliveries(codec, "github", 50)
                .message("push", "again", null, OPENED.getBytes(StandardCharsets.UTF_8)));
        HttpResponse<String> answer = send(delivery("push", "AGAIN", OPENED));
        assertThat(codec.parseJson(answer.body().getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(Map.of("id", first.id(), "duplicate", true));
    }
}
