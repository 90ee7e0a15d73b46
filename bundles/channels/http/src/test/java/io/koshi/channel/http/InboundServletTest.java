package io.koshi.channel.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Message;
import io.koshi.api.Signature;
import io.koshi.codec.internal.RecordCodec;
import io.koshi.testkit.KeptInbox;
import io.koshi.testkit.ServletServer;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InboundServletTest {
    private static final String SAID =
            "{\"id\":\"p-1\",\"from\":\"room-1\",\"sender\":\"ann\",\"text\":\"hello\",\"mood\":\"good\"}";

    private final KeptInbox inbox = new KeptInbox();
    private final Signature signature = Signature.hmacSha256("s3cret");
    private final HttpClient client = HttpClient.newHttpClient();
    private ServletServer server;

    @BeforeEach
    void start() throws Exception {
        server = new ServletServer(
                new InboundServlet(inbox, new RecordCodec(), signature, "http~work", 1_000_000, Duration.ofMinutes(1)),
                "/channel/http~work");
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
    }

    private HttpResponse<String> say(String body) throws Exception {
        return say(body, "sha256=" + signature.of(body.getBytes(StandardCharsets.UTF_8)), "");
    }

    private HttpResponse<String> say(String body, String signed, String query) throws Exception {
        return client.send(
                HttpRequest.newBuilder(server.uri("/channel/http~work" + query))
                        .header("X-Koshi-Signature-256", signed)
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private void assertRefused(HttpResponse<String> answer, int status, ErrorCode code) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(answer.body()).contains("\"code\":\"" + code + "\"");
        assertThat(inbox.messages).isEmpty();
    }

    @Test
    void takesWhatTheOtherSideSays() throws Exception {
        assertThat(say(SAID).body()).contains("\"duplicate\":false");
        Message message = inbox.messages.get(0);
        assertThat(message.from()).hasToString("http~work:room-1");
        assertThat(message.sender()).isEqualTo("ann");
        assertThat(message.text()).isEqualTo("hello");
        assertThat(message.externalId()).hasValue("p-1");
        assertThat(message.priority()).isEqualTo(Message.PERSON);
        assertThat(message.fields()).containsEntry("mood", "good");
        assertThat(say(SAID).body()).contains("\"duplicate\":true");
        assertThat(inbox.messages).hasSize(1);
    }

    @Test
    void takesPartsAndTheShapeThatItSends() throws Exception {
        say("{\"to\":\"room-2\",\"parts\":[{\"type\":\"text\",\"text\":\"a\"},{\"type\":\"text\",\"text\":\"b\"}]}");
        assertThat(inbox.messages.get(0).text()).isEqualTo("a\nb");
        assertThat(inbox.messages.get(0).sender()).isEqualTo("room-2");
    }

    @Test
    void refusesForgeries() throws Exception {
        assertRefused(say(SAID, "sha256=" + "0".repeat(64), ""), 401, ErrorCode.UNAUTHORIZED);
        assertRefused(say(SAID, "x", ""), 401, ErrorCode.UNAUTHORIZED);
        String signed = "sha256=" + signature.of(SAID.getBytes(StandardCharsets.UTF_8));
        assertRefused(say(SAID, signed, "?access_token=s3cret"), 400, ErrorCode.INVALID_PARAMS);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"from\":\"r\"}",
                "{\"text\":\"x\"}",
                "{\"from\":1,\"text\":\"x\"}",
                "{\"from\":\"r\",\"parts\":[{\"type\":\"blob\",\"ref\":\"x\"}]}"
            })
    void refusesWhatSaysNothing(String body) throws Exception {
        assertRefused(say(body), 400, ErrorCode.INVALID_PARAMS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "{\"from\":"})
    void refusesWhatIsNoObject(String body) throws Exception {
        assertRefused(say(body), 400, ErrorCode.PARSE_ERROR);
    }

    @Test
    void refusesGiants() throws Exception {
        assertThat(server.raw(
                        "POST /channel/http~work HTTP/1.1\r\nHost: x\r\nContent-Length: 104857600\r\n\r\n", out -> {}))
                .contains(" 413 ");
    }

    @Test
    void passesOnWhenToTryAgain() throws Exception {
        inbox.refusal = KoshiException.overloaded("the disk is short", Duration.ofSeconds(9));
        HttpResponse<String> answer = say(SAID);
        assertRefused(answer, 429, ErrorCode.OVERLOADED);
        assertThat(answer.headers().firstValue("Retry-After")).hasValue("9");
    }
}
