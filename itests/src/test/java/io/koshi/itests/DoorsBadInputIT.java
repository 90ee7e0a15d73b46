package io.koshi.itests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.cbor.databind.CBORMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever a guest throws at a door, he gets an answer or is put out, and nobody beside him feels it. */
class DoorsBadInputIT {
    private static final String SECRET = "door-secret";
    private static final int HUNDRED_MB = 100 << 20;
    private static final ObjectMapper CBOR = new CBORMapper();

    @TempDir
    static Path home;

    private static Daemon daemon;
    private static Held before;

    @BeforeAll
    static void start() throws Exception {
        daemon = Daemon.in(home).config("""
                http: { port: 0 }
                gateway: { maxFrame: 1MB }
                default: drop
                plugins:
                  - { name: github, secret: "%s" }
                  - name: webhook
                    timeoutSeconds: 5
                    routes:
                      open: { verify: none }
                      closed: { secret: "%s" }
                      bearer: { secret: "%s", verify: bearer }
                """.formatted(SECRET, SECRET, SECRET)).start();
        before = Held.by(daemon);
    }

    @AfterAll
    static void stop() throws Exception {
        await().untilAsserted(
                        () -> { // nothing of what was thrown at it is kept
                            Held now = Held.by(daemon);
                            assertThat(now.heapKb() - before.heapKb())
                                    .as("KB of heap more")
                                    .isLessThan(32 << 10);
                            assertThat(now.threads() - before.threads())
                                    .as("threads more")
                                    .isLessThan(24);
                        });
        assertThat(residentKb()).as("resident KB after all of it").isLessThan(350 * 1024);
        daemon.close();
        assertThat(daemon.log()).doesNotContain("OutOfMemoryError", "StackOverflowError");
    }

    @Test
    void answersGarbageOnTheSocketAndServesOthersMeanwhile() throws Exception {
        ExecutorService guests = Executors.newFixedThreadPool(6);
        try (FrameSocket good = daemon.frames()) {
            List<Future<?>> bad = new ArrayList<>();
            bad.add(guests.submit(each(20, DoorsBadInputIT::garbage)));
            bad.add(guests.submit(each(20, DoorsBadInputIT::truncated)));
            bad.add(guests.submit(each(20, DoorsBadInputIT::deep)));
            bad.add(guests.submit(each(20, DoorsBadInputIT::tooLarge)));
            bad.add(guests.submit(each(1, DoorsBadInputIT::trickle)));
            bad.add(guests.submit(each(1, DoorsBadInputIT::neverReads)));
            List<Long> nanos = new ArrayList<>();
            while (!bad.stream().allMatch(Future::isDone)) {
                long begin = System.nanoTime();
                good.call("hub.methods", Map.of());
                nanos.add(System.nanoTime() - begin);
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
            }
            for (Future<?> one : bad) {
                one.get();
            }
            nanos.sort(null);
            Duration p99 = Duration.ofNanos(nanos.get((int) (nanos.size() * 0.99)));
            assertThat(p99).as("p99 of %d calls beside them", nanos.size()).isLessThan(Duration.ofSeconds(10));
        } finally {
            guests.shutdownNow();
        }
    }

    @Test
    void takesNothingThatIsNotSigned() throws Exception {
        String body = "{\"action\":\"opened\"}";
        String right = GithubDeliveries.signature(SECRET, body.getBytes(StandardCharsets.UTF_8));
        String[] event = {"X-GitHub-Event", "issues", "X-GitHub-Delivery", "unsigned"};
        assertThat(status("/webhook/github", body, event)).isEqualTo(401);
        assertThat(status("/webhook/github", body, with(event, "X-Hub-Signature-256", "sha256=00")))
                .isEqualTo(401);
        assertThat(status("/webhook/github", body + " ", with(event, "X-Hub-Signature-256", right)))
                .isEqualTo(401);
        assertThat(status("/webhook/github", body, with(event, "X-Hub-Signature-256", right.replace("sha256=", ""))))
                .isEqualTo(401);
        assertThat(status("/webhook/closed", body)).isEqualTo(401);
        assertThat(status("/webhook/bearer", body)).isEqualTo(401);
        assertThat(status("/webhook/bearer", body, "Authorization", "Bearer nothing"))
                .isEqualTo(401);
        assertThat(status("/webhook/nowhere", body)).isEqualTo(404);
        assertThat(status("/webhook/bearer?token=" + SECRET, body)).isEqualTo(400);
        assertThat(status("/webhook/open?access_token=x", body)).isEqualTo(400);
        assertThat(traces("unsigned")).isFalse();
    }

    @Test
    void answersWhatIsNoJsonWithA400() throws Exception {
        for (String body : List.of(
                "{", "{\"a\":}", "\u0000", "[1,2", "{\"a\":1}x", "[".repeat(100_000), "{\"a\":".repeat(50_000) + "1")) {
            String signature = GithubDeliveries.signature(SECRET, body.getBytes(StandardCharsets.UTF_8));
            assertThat(status("/webhook/open", body)).as(head(body)).isEqualTo(400);
            assertThat(status(
                            "/webhook/github",
                            body,
                            "X-GitHub-Event",
                            "issues",
                            "X-GitHub-Delivery",
                            "no-json",
                            "X-Hub-Signature-256",
                            signature))
                    .as(head(body))
                    .isEqualTo(400);
        }
        String deepButWhole = "{\"a\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}";
        assertThat(status("/webhook/open", deepButWhole)).isEqualTo(400);
    }

    @Test
    void takesOneOfFiftyEqualDeliveriesAtOnce() throws Exception {
        byte[] body = GithubDeliveries.pullRequest("octo/fifty", 50, "opened", 50);
        String signature = GithubDeliveries.signature(SECRET, body);
        ExecutorService senders = Executors.newFixedThreadPool(50);
        try {
            List<Callable<HttpResponse<String>>> all = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                all.add(() -> daemon.post(
                        "/webhook/github",
                        new String(body, StandardCharsets.UTF_8),
                        "X-GitHub-Event",
                        "pull_request",
                        "X-GitHub-Delivery",
                        "fifty",
                        "X-Hub-Signature-256",
                        signature));
            }
            List<JsonNode> answers = new ArrayList<>();
            for (Future<HttpResponse<String>> one : senders.invokeAll(all)) {
                assertThat(one.get().statusCode()).isEqualTo(200);
                answers.add(new ObjectMapper().readTree(one.get().body()));
            }
            assertThat(answers.stream()
                            .filter(answer -> !answer.path("duplicate").asBoolean()))
                    .hasSize(1);
            assertThat(answers.stream()
                            .map(answer -> answer.path("id").asText())
                            .distinct())
                    .hasSize(1);
        } finally {
            senders.shutdownNow();
        }
    }

    @Test
    void refusesHundredMegabytesBeforeItHasThem() throws Exception {
        try (Socket announced = http()) {
            OutputStream out = announced.getOutputStream();
            out.write(("POST /webhook/open HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                            + "Content-Length: " + HUNDRED_MB + "\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            assertThat(statusLine(announced)).contains(" 413 ");
        }
        try (Socket chunked = http()) {
            OutputStream out = chunked.getOutputStream();
            out.write(("POST /webhook/open HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                            + "Transfer-Encoding: chunked\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            byte[] chunk = new byte[1 << 20];
            Arrays.fill(chunk, (byte) ' ');
            int sent = 0;
            try {
                for (; sent < 100; sent++) {
                    out.write("100000\r\n".getBytes(StandardCharsets.US_ASCII));
                    out.write(chunk);
                    out.write("\r\n".getBytes(StandardCharsets.US_ASCII));
                }
            } catch (IOException cutOff) {
                assertThat(cutOff).isNotNull(); // how much was under way by then is the machine's affair
            }
            assertThat(sent).as("MB taken").isLessThan(100);
        }
        assertThat(daemon.get("/health/live").statusCode()).isEqualTo(200);
    }

    @Test
    void cutsABodyOfOneByteASecond() throws Exception {
        long begin = System.nanoTime();
        try (Socket slow = http()) {
            OutputStream out = slow.getOutputStream();
            out.write(("POST /webhook/open HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                            + "Content-Length: 1000\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            Thread writer = new Thread(() -> {
                try {
                    while (true) {
                        out.write(' ');
                        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(500));
                    }
                } catch (IOException cut) {
                    return;
                }
            });
            writer.start();
            assertThat(statusLine(slow)).contains(" 408 ");
            writer.join(120_000);
            assertThat(writer.isAlive()).as("still writing").isFalse();
        }
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofSeconds(1));
    }

    @Test
    void answersOnlyToItsOwnNameOnLoopback() throws Exception {
        for (String path : List.of("/health", "/health/live", "/metrics")) {
            try (Socket foreign = http()) {
                foreign.getOutputStream()
                        .write(("GET " + path + " HTTP/1.1\r\nHost: evil.example\r\n\r\n")
                                .getBytes(StandardCharsets.US_ASCII));
                assertThat(statusLine(foreign)).as(path).contains(" 403 ");
            }
        }
        try (Socket foreign = http()) {
            foreign.getOutputStream()
                    .write(("POST /webhook/open HTTP/1.1\r\nHost: evil.example\r\nContent-Type: application/json\r\n"
                                    + "Content-Length: 2\r\n\r\n{}")
                            .getBytes(StandardCharsets.US_ASCII));
            assertThat(statusLine(foreign)).contains(" 403 ");
        }
        assertThat(status("/webhook/open", "{}", "Origin", "https://evil.example"))
                .isEqualTo(403);
    }

    private static Callable<Void> each(int times, Callable<Void> one) {
        return () -> {
            for (int i = 0; i < times; i++) {
                one.call();
            }
            return null;
        };
    }

    private static Void garbage() throws IOException {
        byte[] bytes = new byte[2000];
        new Random(7).nextBytes(bytes);
        try (SocketChannel channel = raw()) {
            write(channel, ByteBuffer.allocate(2004).putInt(2000).put(bytes).flip());
            assertThat(answer(channel).path("error").path("code").asText()).isEqualTo("PARSE_ERROR");
        }
        return null;
    }

    private static Void truncated() throws IOException {
        byte[] whole = CBOR.writeValueAsBytes(Map.of("type", "req", "id", "1", "method", "hub.status"));
        int part = whole.length - 5;
        try (SocketChannel channel = raw()) {
            write(
                    channel,
                    ByteBuffer.allocate(4 + part)
                            .putInt(part)
                            .put(whole, 0, part)
                            .flip());
            assertThat(answer(channel).path("error").path("code").asText()).isEqualTo("PARSE_ERROR");
        }
        try (SocketChannel halfOpen = raw()) {
            write(
                    halfOpen,
                    ByteBuffer.allocate(4 + part)
                            .putInt(whole.length)
                            .put(whole, 0, part)
                            .flip());
            halfOpen.shutdownOutput();
            assertThat(halfOpen.read(ByteBuffer.allocate(1))).isEqualTo(-1);
        }
        return null;
    }

    private static Void deep() throws IOException {
        byte[] bytes = new byte[10_000];
        Arrays.fill(bytes, (byte) 0x81); // an array of one, ten thousand times
        try (SocketChannel channel = raw()) {
            write(
                    channel,
                    ByteBuffer.allocate(4 + bytes.length)
                            .putInt(bytes.length)
                            .put(bytes)
                            .flip());
            assertThat(answer(channel).path("error").path("code").asText()).isEqualTo("PARSE_ERROR");
        }
        return null;
    }

    private static Void tooLarge() throws IOException {
        for (int length : new int[] {2 << 20, Integer.MAX_VALUE, -1}) {
            try (SocketChannel channel = raw()) {
                write(channel, ByteBuffer.allocate(4).putInt(length).flip());
                assertThat(answer(channel).path("error").path("code").asText()).isEqualTo("TOO_LARGE");
                assertThat(channel.read(ByteBuffer.allocate(1))).isEqualTo(-1);
            }
        }
        return null;
    }

    private static Void trickle() throws IOException {
        byte[] whole = CBOR.writeValueAsBytes(Map.of("type", "req", "id", "slow", "method", "hub.status"));
        ByteBuffer frame = ByteBuffer.allocate(4 + whole.length)
                .putInt(whole.length)
                .put(whole)
                .flip();
        try (SocketChannel channel = raw()) {
            while (frame.hasRemaining()) {
                channel.write(ByteBuffer.wrap(new byte[] {frame.get()}));
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
            }
            assertThat(answer(channel).path("ok").asBoolean()).isTrue();
        }
        return null;
    }

    /** Asks and asks and never reads an answer: the hub stops reading from him. */
    private static Void neverReads() throws IOException {
        byte[] whole = CBOR.writeValueAsBytes(Map.of("type", "req", "id", "1", "method", "hub.methods"));
        try (SocketChannel channel = raw()) {
            channel.configureBlocking(false);
            long stuck = 0;
            for (int i = 0; i < 1_000_000 && stuck < 500; i++) {
                ByteBuffer frame = ByteBuffer.allocate(4 + whole.length)
                        .putInt(whole.length)
                        .put(whole)
                        .flip();
                while (frame.hasRemaining() && stuck < 500) {
                    if (channel.write(frame) == 0) {
                        stuck++;
                        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
                    }
                }
            }
            assertThat(stuck).as("held back").isEqualTo(500);
        }
        return null;
    }

    private static SocketChannel raw() throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(
                Path.of(Files.readAllLines(home.resolve("koshi.pid")).get(1))));
        return channel;
    }

    private static void write(SocketChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private static JsonNode answer(SocketChannel channel) throws IOException {
        ByteBuffer length = ByteBuffer.allocate(4);
        fill(channel, length);
        ByteBuffer body = ByteBuffer.allocate(length.flip().getInt());
        fill(channel, body);
        return CBOR.readTree(body.array());
    }

    private static void fill(SocketChannel channel, ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            if (channel.read(buffer) < 0) {
                throw new IOException("the hub closed the socket");
            }
        }
    }

    private static Socket http() throws IOException {
        Socket socket = new Socket(daemon.http().getHost(), daemon.http().getPort());
        socket.setSoTimeout(120_000);
        return socket;
    }

    private static String statusLine(Socket socket) throws IOException {
        InputStream in = socket.getInputStream();
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
            line.append((char) c);
        }
        return line.toString();
    }

    private static int status(String path, String body, String... headers) throws IOException, InterruptedException {
        return daemon.post(path, body, headers).statusCode();
    }

    private static String[] with(String[] headers, String... more) {
        List<String> all = new ArrayList<>(List.of(headers));
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }

    private static boolean traces(String externalId) throws IOException {
        try {
            daemon.call("hub.trace", Map.of("externalId", externalId));
            return true;
        } catch (FrameSocket.Refused none) {
            return false;
        }
    }

    private static String head(String body) {
        return body.length() > 20 ? body.substring(0, 20) + "…" : body;
    }

    private static long residentKb() throws IOException {
        return Long.parseLong(proc("VmRSS").replaceAll("\\D", ""));
    }

    private static String proc(String name) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + daemon.pid() + "/status")).stream()
                .filter(line -> line.startsWith(name + ":"))
                .collect(Collectors.joining());
    }
}
