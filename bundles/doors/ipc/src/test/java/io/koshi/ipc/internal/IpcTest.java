package io.koshi.ipc.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Loop;
import io.koshi.auth.Auth;
import io.koshi.auth.Knock;
import io.koshi.auth.WebSession;
import io.koshi.codec.internal.RecordCodec;
import io.koshi.event.internal.EventBus;
import io.koshi.frame.internal.FrameMachine;
import io.koshi.rpc.Caller;
import io.koshi.testkit.TestPools;
import io.koshi.testkit.TestSettings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class IpcTest {
    private static final int MAX_FRAME = 1 << 20;
    private static final Limits QUICK = new Limits(Duration.ofMillis(600), Duration.ofMillis(900), 8);

    @TempDir
    private Path home;

    private final RecordCodec codec = new RecordCodec();
    private final TestPools pools = new TestPools();
    private final TestRegistry registry = new TestRegistry(pools.work());
    private final EventBus events = new EventBus(pools);
    private final FrameMachine frames = new FrameMachine(
            null,
            registry,
            events,
            codec,
            new Owner(),
            new TestSettings(Path.of("none"), codec, Map.of("gateway", Map.of("maxFrame", (long) MAX_FRAME))));
    private Limits limits = Limits.USUAL;
    private boolean friendly = true;
    private SocketServer server;
    private Loop accepting;

    @BeforeEach
    void own() throws IOException {
        Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwx------"));
    }

    @AfterEach
    void close() throws IOException {
        if (server != null) {
            server.close();
            accepting.close();
        }
        registry.held.countDown();
        pools.close();
    }

    private RawClient connect() throws IOException {
        if (server == null) {
            server = new SocketServer(
                    home.resolve("koshi.sock"),
                    limits,
                    (channel, caller) -> new Connection(channel, caller, frames, limits),
                    new Owner(),
                    pools);
            accepting = pools.loop("accept", server::accept);
        }
        return new RawClient(home.resolve("koshi.sock"), codec);
    }

    /** Lets the hub's own user in, or nobody. */
    private final class Owner implements Auth {
        @Override
        public Caller bearer(String header, String remote) {
            throw new KoshiException(ErrorCode.UNAUTHORIZED, "no tokens here");
        }

        @Override
        public Caller http(Knock knock) {
            throw new KoshiException(ErrorCode.UNAUTHORIZED, "no tokens here");
        }

        @Override
        public void sameHouse(Knock knock) {
            throw new UnsupportedOperationException();
        }

        @Override
        public AutoCloseable onRevoked(Caller caller, Runnable then) {
            return () -> {};
        }

        @Override
        public WebSession redeem(String code, String remote) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Caller peer(String user) {
            if (friendly && user.equals(System.getProperty("user.name"))) {
                return Caller.admin("socket");
            }
            throw new KoshiException(ErrorCode.UNAUTHORIZED, user + " is a stranger");
        }
    }

    @Test
    void answersUnderTheIdThatWasAsked() throws IOException {
        try (RawClient client = connect()) {
            client.raw(client.request("a-7", "test.echo", Map.of("text", "hyvää päivää", "n", 7L)));
            assertThat(client.read())
                    .isEqualTo(Map.of(
                            "type",
                            "res",
                            "id",
                            "a-7",
                            "ok",
                            true,
                            "payload",
                            Map.of("text", "hyvää päivää", "n", 7L)));
        }
    }

    @Test
    void theSocketIsForItsOwnerOnly() throws IOException {
        connect().close();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(home.resolve("koshi.sock"))))
                .isEqualTo("rw-------");
        friendly = false;
        try (RawClient stranger = connect()) {
            assertThatThrownBy(() -> stranger.ask("test.echo", Map.of())).isInstanceOf(IOException.class);
        }
    }

    @Test
    void answersThatAreReadyFirstGoFirst() throws IOException {
        try (RawClient client = connect()) {
            client.raw(client.request("slow", "test.held", Map.of()), client.request("quick", "test.echo", Map.of()));
            assertThat(client.read().get("id")).isEqualTo("quick");
            registry.held.countDown();
            assertThat(client.read().get("id")).isEqualTo("slow");
        }
    }

    @Test
    void aThousandRequestsAtOnceAreAllAnswered() throws IOException {
        try (RawClient client = connect()) {
            Set<String> open = new HashSet<>();
            byte[][] requests = new byte[1000][];
            for (int i = 0; i < requests.length; i++) {
                open.add("r" + i);
                requests[i] = client.request("r" + i, i % 2 == 0 ? "test.echo" : "test.later", Map.of("i", (long) i));
            }
            client.raw(requests);
            while (!open.isEmpty()) {
                Map<?, ?> answer = client.read();
                assertThat(open.remove(answer.get("id"))).isTrue();
                assertThat(answer.get("payload"))
                        .isEqualTo(Map.of("i", Long.valueOf(((String) answer.get("id")).substring(1))));
            }
        }
    }

    @Test
    void whatIsNoFrameGetsAParseErrorAndTheConnectionGoesOn() throws IOException {
        try (RawClient client = connect()) {
            List<byte[]> bad = List.of(
                    "{\"type\":\"req\"}".getBytes(UTF_8),
                    new byte[] {},
                    new byte[] {(byte) 0xff, 1, 2},
                    new byte[] {(byte) 0xbf},
                    codec.cbor(List.of(1, 2)),
                    codec.cbor("hello"));
            for (byte[] body : bad) {
                client.raw(RawClient.framed(body));
                assertError(client.read(), "unknown", "PARSE_ERROR");
            }
            client.raw(RawClient.framed(codec.cbor(Map.of("type", "hello", "id", "9"))));
            assertError(client.read(), "9", "PARSE_ERROR");
            client.raw(RawClient.framed(codec.cbor(Map.of("type", "req", "id", "10"))));
            assertError(client.read(), "10", "PARSE_ERROR");
            client.raw(RawClient.framed(codec.cbor(Map.of("type", "req", "id", "11", "method", "x.y", "params", 1))));
            assertError(client.read(), "11", "PARSE_ERROR");
            assertThat(client.ask("test.echo", Map.of()).get("ok")).isEqualTo(true);
        }
    }

    @Test
    void aFrameNestedTooDeepGetsAParseError() throws IOException {
        byte[] deep = new byte[100_000];
        Arrays.fill(deep, (byte) 0x81);
        deep[deep.length - 1] = 0;
        try (RawClient client = connect()) {
            client.raw(RawClient.framed(deep));
            assertError(client.read(), "unknown", "PARSE_ERROR");
            assertThat(client.ask("test.echo", Map.of()).get("ok")).isEqualTo(true);
        }
    }

    @Test
    void randomBytesHarmNobodyElse() throws IOException {
        Random random = new Random(7);
        try (RawClient good = connect()) {
            for (int i = 0; i < 200; i++) {
                byte[] junk = new byte[random.nextInt(300)];
                random.nextBytes(junk);
                try (RawClient bad = connect()) {
                    bad.raw(i % 2 == 0 ? RawClient.framed(junk) : junk);
                } catch (IOException closedOnUs) {
                    assertThat(closedOnUs).isNotNull();
                }
                if (i % 10 == 0) {
                    assertThat(good.ask("test.echo", Map.of("i", (long) i)).get("ok"))
                            .isEqualTo(true);
                }
            }
        }
        await().until(() -> server.connections() == 0);
    }

    @Test
    void unknownFieldsOfAFrameAreIgnored() throws IOException {
        try (RawClient client = connect()) {
            client.raw(RawClient.framed(codec.cbor(
                    Map.of("type", "req", "id", "1", "method", "test.echo", "target", "test", "colour", "green"))));
            assertThat(client.read().get("payload")).isEqualTo(Map.of());
        }
    }

    @Test
    void aFrameOverTheLimitIsToldSoAndTheConnectionEnds() throws IOException {
        try (RawClient client = connect()) {
            client.raw(ByteBuffer.allocate(4).putInt(MAX_FRAME + 1).array(), new byte[1000]);
            assertError(client.read(), "unknown", "TOO_LARGE");
            assertThatThrownBy(client::read).isInstanceOf(IOException.class);
        }
        try (RawClient client = connect()) {
            client.raw(new byte[] {-1, -1, -1, -1});
            assertError(client.read(), "unknown", "TOO_LARGE");
        }
    }

    @Test
    void anAnswerOverTheLimitIsRefusedAndTheConnectionGoesOn() throws IOException {
        try (RawClient client = connect()) {
            assertError(client.ask("test.big", Map.of("size", 2L * MAX_FRAME)), "1", "TOO_LARGE");
            assertThat(client.ask("test.big", Map.of("size", MAX_FRAME / 2L)).get("ok"))
                    .isEqualTo(true);
        }
    }

    @Test
    void aLargeFrameComesThroughWhole() throws IOException {
        try (RawClient client = connect()) {
            byte[] blob = new byte[MAX_FRAME - 200];
            new Random(1).nextBytes(blob);
            client.raw(client.request("1", "test.echo", Map.of("blob", blob)));
            assertThat((byte[]) ((Map<?, ?>) client.read().get("payload")).get("blob"))
                    .isEqualTo(blob);
        }
    }

    @Test
    void aFrameThatIsNotFinishedInTimeEndsItsConnectionOnly() throws Exception {
        limits = QUICK;
        try (RawClient idle = connect();
                RawClient half = connect();
                RawClient dripping = connect()) {
            assertThat(idle.ask("test.echo", Map.of()).get("ok")).isEqualTo(true);
            half.raw(new byte[] {0, 0, 0, 10, 1});
            Loop drip = pools.loop("drip", () -> {
                for (byte b : dripping.request("1", "test.echo", Map.of("text", "x".repeat(200)))) {
                    dripping.raw(new byte[] {b});
                    LockSupport.parkNanos(10_000_000);
                }
            });
            assertThatThrownBy(half::read).isInstanceOf(IOException.class);
            assertThatThrownBy(dripping::read).isInstanceOf(IOException.class);
            drip.close();
            assertThat(idle.ask("test.echo", Map.of()).get("ok")).isEqualTo(true);
        }
    }

    @Test
    void aFrameSentByteByByteWithinItsTimeIsAnswered() throws IOException {
        try (RawClient client = connect()) {
            for (byte b : client.request("1", "test.echo", Map.of("a", 1L))) {
                client.raw(new byte[] {b});
            }
            assertThat(client.read().get("payload")).isEqualTo(Map.of("a", 1L));
        }
    }

    @Test
    void aClientThatNeverReadsIsClosedAndOthersAreServedMeanwhile() throws IOException {
        limits = QUICK;
        try (RawClient deaf = connect();
                RawClient good = connect()) {
            deaf.channel.configureBlocking(false);
            byte[] request = deaf.request("1", "test.big", Map.of("size", 100_000L));
            for (int i = 0; i < 100; i++) {
                deaf.channel.write(ByteBuffer.wrap(request));
            }
            for (int i = 0; i < 100; i++) {
                assertThat(good.ask("test.later", Map.of("i", (long) i)).get("ok"))
                        .isEqualTo(true);
            }
            await().until(() -> server.connections() == 1);
            assertThat(good.ask("test.echo", Map.of()).get("ok")).isEqualTo(true);
        }
    }

    @Test
    void aSlowSubscriberIsToldWhatItLostAndPublishersNeverWait() throws IOException {
        try (RawClient slow = connect()) {
            assertThat(slow.ask("gateway.subscribe", Map.of("topics", List.of("load.*")))
                            .get("ok"))
                    .isEqualTo(true);
            String filler = "x".repeat(500);
            for (int i = 0; i < 40_000; i++) {
                events.publish("test", "load.event", Map.of("filler", filler));
            }
            long next = 1;
            boolean gap = false;
            while (next <= 40_000) {
                Map<?, ?> event = slow.read();
                if ("gateway.gap".equals(event.get("event"))) {
                    Map<?, ?> lost = (Map<?, ?>) event.get("payload");
                    assertThat(lost.get("from")).isEqualTo(next);
                    next = (Long) lost.get("to") + 1;
                    gap = true;
                } else {
                    assertThat(event.get("seq")).isEqualTo(next++);
                }
            }
            assertThat(gap).isTrue();
        }
    }

    @Test
    void subscribesReplaysAndUnsubscribes() throws IOException {
        events.publish("test", "run.started", Map.of("runId", "a"));
        events.publish("test", "other.thing", Map.of());
        events.publish("test", "run.delta", Map.of("runId", "a"));
        try (RawClient client = connect()) {
            Map<?, ?> begun =
                    (Map<?, ?>) client.ask("gateway.subscribe", Map.of("topics", List.of("run.*"), "since", 1L))
                            .get("payload");
            assertThat(begun).isEqualTo(Map.of("epoch", events.epoch(), "seq", 3L, "replayed", 1L));
            assertThat(client.read())
                    .isEqualTo(Map.of(
                            "type",
                            "event",
                            "source",
                            "test",
                            "event",
                            "run.delta",
                            "payload",
                            Map.of("runId", "a"),
                            "seq",
                            3L));
            events.publish("test", "run.completed", Map.of());
            assertThat(client.read().get("event")).isEqualTo("run.completed");
            client.ask("gateway.unsubscribe", Map.of());
            events.publish("test", "run.completed", Map.of());
            assertThat(client.ask("test.echo", Map.of()).get("type")).isEqualTo("res");
        }
    }

    @Test
    void anEventThatTwoSubscriptionsWantComesOnce() throws IOException {
        try (RawClient client = connect()) {
            client.ask("gateway.subscribe", Map.of("topics", List.of("run.*")));
            client.ask("gateway.subscribe", Map.of("topics", List.of("*")));
            events.publish("test", "run.delta", Map.of());
            events.publish("test", "other.thing", Map.of());
            assertThat(Set.of(client.read().get("event"), client.read().get("event")))
                    .isEqualTo(Set.of("run.delta", "other.thing"));
            client.ask("gateway.unsubscribe", Map.of("topics", List.of("run.*")));
            events.publish("test", "run.delta", Map.of());
            assertThat(client.read().get("event")).isEqualTo("run.delta");
        }
    }

    @Test
    void aPlaceInAnotherStartOfTheHubIsAnsweredWithAGapAndAllThereIs() throws IOException {
        events.publish("test", "run.started", Map.of());
        try (RawClient client = connect()) {
            Map<?, ?> begun = client.ask(
                    "gateway.subscribe",
                    Map.of("topics", List.of("*"), "since", Map.of("epoch", "another", "seq", 99L)));
            assertThat(begun.get("ok")).isEqualTo(true);
            Map<?, ?> gap = client.read();
            assertThat(gap.get("event")).isEqualTo("gateway.gap");
            assertThat(((Map<?, ?>) gap.get("payload")).get("reason")).isEqualTo("restart");
            assertThat(client.read().get("event")).isEqualTo("run.started");
        }
    }

    @Test
    void badSubscriptionsAreRefusedWithTheirPath() throws IOException {
        try (RawClient client = connect()) {
            assertError(client.ask("gateway.subscribe", Map.of()), "1", "INVALID_PARAMS");
            assertError(client.ask("gateway.subscribe", Map.of("topics", List.of())), "1", "INVALID_PARAMS");
            assertError(client.ask("gateway.subscribe", Map.of("topics", List.of("a b"))), "1", "INVALID_PARAMS");
            assertError(
                    client.ask("gateway.subscribe", Map.of("topics", List.of("*"), "since", "soon")),
                    "1",
                    "INVALID_PARAMS");
            assertError(
                    client.ask("gateway.subscribe", Map.of("topics", List.of("*"), "form", 1)), "1", "INVALID_PARAMS");
        }
    }

    @Test
    void whatCannotBeWrittenIsAnInternalError() throws IOException {
        try (RawClient client = connect()) {
            assertError(client.ask("test.unwritable", Map.of()), "1", "INTERNAL");
        }
    }

    @Test
    void aChildOfTheHubIsCalledByItsRun() throws IOException {
        try (RawClient client = connect()) {
            client.raw(RawClient.framed(codec.cbor(
                    Map.of("type", "req", "id", "1", "method", "test.who", "run", "R1", "deadlineMs", 50L))));
            assertThat(client.read().get("payload")).isEqualTo(Map.of("name", "run:R1", "deadlineMs", 50L));
        }
    }

    @Test
    void moreClientsThanThereIsRoomForAreRefused() throws IOException {
        limits = QUICK;
        RawClient[] all = new RawClient[QUICK.connections()];
        for (int i = 0; i < all.length; i++) {
            all[i] = connect();
            assertThat(all[i].ask("test.echo", Map.of()).get("ok")).isEqualTo(true);
        }
        try (RawClient more = connect()) {
            assertThatThrownBy(() -> more.ask("test.echo", Map.of())).isInstanceOf(IOException.class);
        }
        all[0].close();
        await().until(() -> server.connections() < all.length);
        try (RawClient again = connect()) {
            assertThat(again.ask("test.echo", Map.of()).get("ok")).isEqualTo(true);
        }
        for (RawClient each : all) {
            each.close();
        }
    }

    @Test
    void drainingWaitsForAnswersThatAreUnderWay() throws Exception {
        try (RawClient client = connect()) {
            client.raw(client.request("1", "test.held", Map.of()));
            await().until(() -> !server.idle());
            long began = System.nanoTime();
            server.drain(Duration.ofMillis(200));
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThanOrEqualTo(Duration.ofMillis(200));
            registry.held.countDown();
            server.drain(Duration.ofSeconds(20));
            assertThat(client.read().get("ok")).isEqualTo(true);
        }
    }

    @Test
    void takesTheSocketOfADeadHubAndRefusesThatOfALiveOne() throws IOException {
        connect().close();
        assertThatThrownBy(() -> SocketFile.bind(home.resolve("koshi.sock")))
                .isInstanceOf(KoshiException.class)
                .hasMessageContaining("koshi stop");
        server.close();
        Files.createFile(home.resolve("koshi.sock"));
        SocketFile.bind(home.resolve("koshi.sock")).close();
    }

    @Test
    void aSocketInADirectoryThatOthersWriteToIsRefused() throws IOException {
        Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThatThrownBy(() -> SocketFile.bind(home.resolve("koshi.sock")))
                .isInstanceOf(KoshiException.class)
                .hasMessageContaining("chmod 700");
    }

    @Test
    void aPathThatIsTooLongIsReplacedByAShortOne() {
        Path tmp = Path.of("/tmp");
        assertThat(SocketFile.of(Path.of("/home/a"), Map.of(), tmp, "a")).isEqualTo(Path.of("/home/a/koshi.sock"));
        Path deep = Path.of("/home/" + "x".repeat(100));
        assertThat(SocketFile.of(deep, Map.of("XDG_RUNTIME_DIR", "/run/user/1"), tmp, "a")
                        .toString())
                .matches("/run/user/1/koshi-[0-9a-f]+\\.sock");
        assertThat(SocketFile.of(deep, Map.of(), tmp, "a").toString()).matches("/tmp/koshi-a/koshi-[0-9a-f]+\\.sock");
    }

    private static void assertError(Map<?, ?> frame, String id, String code) {
        assertThat(frame.get("type")).isEqualTo("res");
        assertThat(frame.get("id")).isEqualTo(id);
        assertThat(frame.get("ok")).isEqualTo(false);
        Map<?, ?> error = (Map<?, ?>) frame.get("error");
        assertThat(error.get("code")).isEqualTo(code);
        assertThat((String) error.get("message")).isNotBlank();
    }
}
