package io.koshi.channel.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.koshi.api.Address;
import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Part;
import io.koshi.api.Receipt;
import io.koshi.api.Reply;
import io.koshi.api.Signature;
import io.koshi.codec.Codec;
import io.koshi.codec.internal.RecordCodec;
import io.koshi.testkit.PlainHttp;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OutboundTest {
    private static final Reply REPLY = new Reply(
            "01REPLY",
            Address.of("http", "room-1"),
            List.of(Part.text("grüße")),
            Optional.of("01MESSAGE"),
            Instant.now().plusSeconds(60),
            2,
            true);

    private final Codec codec = new RecordCodec();
    private final Signature signature = Signature.hmacSha256("s3cret");

    private Outbound to(URI uri) {
        return new Outbound(new PlainHttp(), codec, signature, uri, Duration.ofMinutes(1));
    }

    @Test
    void postsASignedReplyAndKeepsThePlatformsId() throws Exception {
        try (FakePlatform platform = new FakePlatform(FakePlatform.says(201, "{\"id\":\"m-77\"}"))) {
            assertThat(to(platform.uri()).send(REPLY)).isEqualTo(Receipt.of("m-77"));
            FakePlatform.Post post = platform.posts.get(0);
            assertThat(signature.verifies(post.signature(), "sha256=", post.body()))
                    .isTrue();
            assertThat(codec.parseJson(post.body()))
                    .isEqualTo(Map.of(
                            "id", "01REPLY",
                            "to", "room-1",
                            "text", "grüße",
                            "parts", List.of(Map.of("type", "text", "text", "grüße")),
                            "inReplyTo", "01MESSAGE",
                            "attempt", 2L,
                            "duplicate", true));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "ok", "[]", "{\"id\":{}}", "{"})
    void anAnswerThatNamesNoIdIsSentAllTheSame(String body) throws Exception {
        try (FakePlatform platform = new FakePlatform(FakePlatform.says(200, body))) {
            assertThat(to(platform.uri()).send(REPLY)).isEqualTo(Receipt.sent());
        }
    }

    @Test
    void anAnswerCutOffAfterItsHeadIsNoReasonToSendAgain() throws Exception {
        FakePlatform.Answer cut = exchange -> {
            exchange.sendResponseHeaders(200, 100);
            exchange.getResponseBody().write("{\"id".getBytes());
            exchange.getResponseBody().flush();
        };
        try (FakePlatform platform = new FakePlatform(cut)) {
            assertThat(to(platform.uri()).send(REPLY)).isEqualTo(Receipt.sent());
        }
    }

    @Test
    void anEndlessAnswerIsNotKept() throws Exception {
        FakePlatform.Answer endless = exchange -> {
            exchange.sendResponseHeaders(200, 0);
            byte[] much = new byte[1 << 16];
            for (int i = 0; i < 1000; i++) {
                exchange.getResponseBody().write(much);
            }
        };
        try (FakePlatform platform = new FakePlatform(endless)) {
            assertThat(to(platform.uri()).send(REPLY)).isEqualTo(Receipt.sent());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 401, 404, 410, 422})
    void aRefusalIsFinal(int status) throws Exception {
        try (FakePlatform platform = new FakePlatform(FakePlatform.says(status, ""))) {
            Outbound outbound = to(platform.uri());
            assertThatThrownBy(() -> outbound.send(REPLY)).isInstanceOfSatisfying(KoshiException.class, e -> {
                assertThat(e.code()).isEqualTo(ErrorCode.METHOD_ERROR);
                assertThat(e.code().retryable()).isFalse();
            });
            assertThat(outbound.trouble()).get().asString().contains("HTTP " + status);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {302, 408, 425, 429, 500, 503})
    void anythingElseIsTriedAgainWhenThePlatformSays(int status) throws Exception {
        FakePlatform.Answer later = exchange -> {
            exchange.getResponseHeaders().set("Retry-After", "7");
            exchange.sendResponseHeaders(status, -1);
        };
        try (FakePlatform platform = new FakePlatform(later)) {
            assertThatThrownBy(() -> to(platform.uri()).send(REPLY)).isInstanceOfSatisfying(KoshiException.class, e -> {
                assertThat(e.code().retryable()).isTrue();
                assertThat(e.retryAfter()).hasValue(Duration.ofSeconds(7));
            });
        }
    }

    @Test
    void aPlatformThatIsAwayOrSilentIsTriedAgain() throws Exception {
        try (Socket held = new Socket()) { // bound, so that nobody else gets the port, and not listening
            held.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            URI away = URI.create("http://127.0.0.1:" + held.getLocalPort());
            assertThatThrownBy(() -> to(away).send(REPLY)).isInstanceOf(IOException.class);
        }

        CountDownLatch hold = new CountDownLatch(1);
        try (FakePlatform silent = new FakePlatform(exchange -> {
            try {
                hold.await(60, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        })) {
            Outbound hasty = new Outbound(new PlainHttp(), codec, signature, silent.uri(), Duration.ofSeconds(2));
            assertThatThrownBy(() -> hasty.send(REPLY)).isInstanceOf(IOException.class);
            hold.countDown();
        }
    }
}
