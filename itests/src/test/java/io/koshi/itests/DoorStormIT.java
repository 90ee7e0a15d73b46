package io.koshi.itests;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.URLEncoder;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Hostile requests at every door at once, while eight good clients work: each of them is answered, all the time. */
class DoorStormIT {
    private static final long HEAP_KB = 32 << 10;
    private static final long THREADS = 24;
    private static final String FRAME =
            "{\"type\":\"req\",\"id\":\"1\",\"method\":\"session.list\",\"params\":{\"limit\":1}}";

    @TempDir
    static Path home;

    private static OpenHouse house;

    /** What a guest may get wrong. */
    private enum Fault {
        TRUNCATED,
        RANDOM,
        DEEP,
        WRONG_TYPES,
        UNKNOWN,
        NO_UTF8,
        NAN,
        TWICE,
        MUTATED,
        EMPTY,
        LARGE
    }

    /** Throws bytes at a door and sees how it ends; a door that neither answers nor hangs up fails by time-out. */
    private interface Door {
        void hit(byte[] said) throws IOException;
    }

    @BeforeAll
    static void open() throws Exception {
        house = new OpenHouse(home, "gateway: { maxFrame: 256KB }\n");
    }

    @AfterAll
    static void close() throws Exception {
        house.close();
    }

    @Test
    void goodClientsDoNotFeelHostileOnes() throws Exception {
        storm(33);
    }

    @Test
    @Tag("extended")
    void goodClientsDoNotFeelFiveHundredHostileRequestsAtEachDoor() throws Exception {
        storm(550);
    }

    private static void storm(int each) throws Exception {
        Map<String, Door> doors = doors();
        ExecutorService threads = Executors.newCachedThreadPool();
        try {
            for (Map.Entry<String, Door> door : doors.entrySet()) { // so that what is loaded once counts for nobody
                hit(door.getKey(), door.getValue(), Fault.values().length, 1);
            }
            Held before = Held.by(house.daemon);
            try (OpenHouse.Guests good = house.welcome()) {
                List<Future<?>> bad = new ArrayList<>();
                int seed = 2;
                for (Map.Entry<String, Door> door : doors.entrySet()) {
                    int mine = seed++;
                    bad.add(threads.submit(() -> hit(door.getKey(), door.getValue(), each, mine)));
                }
                good.areStillAnswered();
                for (Future<?> one : bad) {
                    one.get();
                }
                good.areStillAnswered();
                good.thank();
            }
            await().untilAsserted(() -> {
                Held now = Held.by(house.daemon);
                assertThat(now.heapKb() - before.heapKb()).as("KB of heap more").isLessThan(HEAP_KB);
                assertThat(now.threads() - before.threads()).as("threads more").isLessThan(THREADS);
            });
        } finally {
            threads.shutdownNow();
        }
    }

    private static Void hit(String name, Door door, int times, int seed) {
        Random random = new Random(seed);
        for (int i = 0; i < times; i++) {
            Fault fault = Fault.values()[i % Fault.values().length];
            try {
                door.hit(said(name, fault, random));
            } catch (SocketTimeoutException e) {
                throw new AssertionError(name + " said nothing to " + fault + " of seed " + seed + ", " + i, e);
            } catch (IOException hungUp) {
                continue; // a guest may be put out
            }
        }
        return null;
    }

    private static byte[] said(String door, Fault fault, Random random) {
        String good = switch (door) {
            case "mcp" -> "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{\"n\":1}}";
            case "openai" -> "{\"model\":\"koshi\",\"n\":1,\"messages\":[{\"role\":\"user\",\"content\":\"/help\"}]}";
            case "rest" -> "{\"query\":\"x\",\"limit\":1}";
            case "swarm" -> "{\"id\":1,\"method\":\"stats\",\"params\":{}}";
            case "tui" -> "{\"type\":\"user_message\",\"content\":\"/help\",\"n\":1}";
            case "ws" -> "{\"topics\":[\"a.*\"],\"since\":1}";
            case "ksi" ->
                "{\"session_id\":\"550e8400-e29b-41d4-a716-446655440000\",\"prompt\":\"/help\",\"model\":\"m\",\"n\":1}";
            default -> FRAME;
        };
        byte[] bytes = switch (fault) {
            case TRUNCATED -> good.substring(0, random.nextInt(good.length())).getBytes(UTF_8);
            case DEEP -> (random.nextBoolean() ? "[" : "{\"a\":").repeat(10_000).getBytes(UTF_8);
            case WRONG_TYPES -> good.replaceAll(":\"[^\"]*\"", ":7").getBytes(UTF_8);
            case UNKNOWN ->
                good.replaceAll("\"(session\\.list|tools/list|stats)\"", "\"no.such\"")
                        .getBytes(UTF_8);
            case NAN -> good.replaceFirst(":1", ":NaN").getBytes(UTF_8);
            case TWICE -> good.replaceFirst("\\{(\"[a-z_]+\":)", "{$10,$1").getBytes(UTF_8);
            case EMPTY -> new byte[0];
            case LARGE -> (" ".repeat(300 << 10) + good).getBytes(UTF_8);
            case RANDOM -> new byte[1 + random.nextInt(300)];
            case NO_UTF8, MUTATED -> good.getBytes(UTF_8);
        };
        if (fault == Fault.RANDOM) {
            random.nextBytes(bytes);
        } else if (fault == Fault.NO_UTF8) {
            bytes[random.nextInt(bytes.length)] = (byte) 0xff;
        } else if (fault == Fault.MUTATED) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
        return bytes;
    }

    private static Map<String, Door> doors() throws IOException {
        int http = house.daemon.http().getPort();
        int vargos = house.port("vargos");
        int tui = house.port("tui");
        int ksi = house.port("ksi");
        int swarm = house.port("swarm");
        Path socket = house.socket();
        Map<String, Door> doors = new LinkedHashMap<>();
        doors.put("socket", said -> unix(socket, said));
        doors.put("gateway", said -> webSocket(http, "/gateway", RawWebSocket.TEXT, said));
        doors.put("gateway cbor", said -> webSocket(http, "/gateway", RawWebSocket.BINARY, said));
        doors.put("ws", said -> webSocket(http, "/ws", RawWebSocket.TEXT, said));
        doors.put("vargos", said -> webSocket(vargos, "/", RawWebSocket.TEXT, said));
        doors.put("tui", said -> webSocket(tui, "/ws/tui", RawWebSocket.TEXT, said));
        doors.put("events", said -> events(http, said));
        doors.put("rest", said -> post(http, "/api/v1/memory/query", said));
        doors.put("mcp", said -> post(http, "/mcp", said));
        doors.put("openai", said -> post(http, "/v1/chat/completions", said));
        doors.put("ksi", said -> post(ksi, "/api/v1/spawn", said));
        doors.put("swarm", said -> lines(swarm, said));
        doors.keySet().removeIf(door -> !house.has(door));
        return doors;
    }

    private static void unix(Path path, byte[] said) throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(path));
            ByteBuffer frame =
                    ByteBuffer.allocate(4 + said.length).putInt(said.length).put(said);
            frame.flip();
            while (frame.hasRemaining()) {
                channel.write(frame);
            }
            channel.shutdownOutput();
            ByteBuffer answer = ByteBuffer.allocate(8192);
            while (channel.read(answer.clear()) >= 0) {
                // until it hangs up
            }
        }
    }

    private static void webSocket(int port, String path, int first, byte[] said) throws IOException {
        try (RawWebSocket guest = new RawWebSocket(port, path, "Authorization: Bearer " + house.token)) {
            guest.socket.setSoTimeout(120_000);
            guest.send(first, said);
            guest.send(RawWebSocket.CLOSE, new byte[0]);
            while (guest.read().first() != RawWebSocket.CLOSE) {
                // until it says goodbye
            }
        }
    }

    private static void post(int port, String path, byte[] said) throws IOException {
        String head = "POST " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                + "Accept: application/json, text/event-stream\r\nConnection: close\r\nAuthorization: Bearer "
                + house.token
                + "\r\nContent-Length: " + said.length + "\r\n\r\n";
        answered(port, head.getBytes(ISO_8859_1), said);
    }

    private static void events(int port, byte[] said) throws IOException {
        String value = URLEncoder.encode(new String(said, 0, Math.min(1000, said.length), ISO_8859_1), UTF_8);
        String head = "GET /events?topics=" + value + " HTTP/1.1\r\nHost: localhost\r\nLast-Event-ID: " + value
                + "\r\nAuthorization: Bearer " + house.token + "\r\n\r\n";
        answered(port, head.getBytes(ISO_8859_1), new byte[0]);
    }

    private static void lines(int port, byte[] said) throws IOException {
        try (Socket guest = new Socket("127.0.0.1", port)) {
            guest.setSoTimeout(120_000);
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            line.writeBytes(said);
            line.write('\n');
            guest.getOutputStream().write(line.toByteArray());
            guest.shutdownOutput();
            guest.getInputStream().readAllBytes();
        }
    }

    private static void answered(int port, byte[] head, byte[] body) throws IOException {
        try (Socket guest = new Socket("127.0.0.1", port)) {
            guest.setSoTimeout(120_000);
            guest.getOutputStream().write(head);
            guest.getOutputStream().write(body);
            String status = new BufferedReader(new InputStreamReader(guest.getInputStream(), ISO_8859_1)).readLine();
            if (status != null && status.contains(" 500 ")) {
                throw new AssertionError(status + " to " + new String(body, 0, Math.min(300, body.length), UTF_8));
            }
        }
    }
}
