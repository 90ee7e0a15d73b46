package io.koshi.itests;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.dataformat.cbor.databind.CBORMapper;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Clients that drip, never read, close their half, fall silent or never end what they began, all of them at every door
 * at once: those with a short bound are put out, the others cost little, nobody else feels them, and nothing is kept.
 * The bounds of half a minute are held by unit tests (docs/doors/README.md names each).
 */
class DoorSiegeIT {
    private static final long HEAP_KB = 64 << 10;
    private static final long THREADS = 24;
    private static final byte[] BLANKS = blanks(64 << 10);

    @TempDir
    static Path home;

    private static OpenHouse house;

    /** How a client misbehaves. */
    private enum Kind {
        DRIPS,
        NEVER_READS,
        HALF_CLOSED,
        SILENT,
        NEVER_ENDS
    }

    /**
     * One client and one way to misbehave.
     *
     * @param first what it says at once
     * @param again what it says after that, again and again where the kind does so
     * @param putOut whether the hub ends it within seconds
     */
    private record Cell(String door, Kind kind, SocketAddress at, byte[] first, byte[] again, boolean putOut) {}

    /** A cell under way. Confined to the test's thread. */
    private static final class Besieger implements AutoCloseable {
        final Cell cell;
        private final SocketChannel wire;
        private final ByteBuffer heard = ByteBuffer.allocate(64 << 10);
        private ByteBuffer saying;
        private int dripped;
        private long dripAt;
        private boolean closedHalf;
        String end; // null while it goes on

        Besieger(Cell cell) throws IOException {
            this.cell = cell;
            wire = SocketChannel.open(cell.at());
            wire.configureBlocking(false);
            saying = ByteBuffer.wrap(cell.first());
        }

        /** Does what it does for a moment. */
        void moment() {
            try {
                say();
                if (cell.kind() != Kind.NEVER_READS) {
                    hear();
                }
            } catch (IOException hungUp) {
                end = "hung up: " + hungUp.getMessage();
            }
        }

        private void say() throws IOException {
            if (saying.hasRemaining()) {
                wire.write(saying);
                return;
            }
            switch (cell.kind()) {
                case DRIPS -> {
                    if (System.nanoTime() - dripAt > TimeUnit.SECONDS.toNanos(1)) {
                        dripAt = System.nanoTime();
                        saying = ByteBuffer.wrap(cell.again(), dripped++ % cell.again().length, 1);
                        wire.write(saying);
                    }
                }
                case NEVER_READS, NEVER_ENDS -> {
                    for (int i = 0; i < 16 && !saying.hasRemaining() && cell.again().length > 0; i++) {
                        saying = ByteBuffer.wrap(cell.again());
                        wire.write(saying);
                    }
                }
                case HALF_CLOSED -> {
                    if (!closedHalf) {
                        closedHalf = true;
                        wire.shutdownOutput();
                    }
                }
                case SILENT -> dripped = 0; // says no more
            }
        }

        private void hear() throws IOException {
            while (true) {
                int read = wire.read(heard.clear());
                if (read < 0) {
                    end = "closed";
                    return;
                }
                if (read == 0) {
                    return;
                }
                String said = new String(heard.array(), 0, read, ISO_8859_1);
                if (said.startsWith("HTTP/1.1 4") && cell.kind() == Kind.NEVER_ENDS) {
                    end = said.substring(9, 12);
                    return;
                }
            }
        }

        @Override
        public void close() throws IOException {
            wire.close();
        }

        @Override
        public String toString() {
            return cell.door() + " " + cell.kind();
        }
    }

    @BeforeAll
    static void open() throws Exception {
        house = new OpenHouse(home, "gateway: { maxFrame: 256KB, pingSeconds: 2, replay: 16 }\n");
    }

    @AfterAll
    static void close() throws Exception {
        house.close();
    }

    @Test
    void everyDoorHoldsOutAndServesOthersMeanwhile() throws Exception {
        List<Cell> cells = cells();
        assertThat(cells).extracting(Cell::kind).contains(Kind.values());
        try (OpenHouse.Guests good = house.welcome()) {
            good.areStillAnswered();
            Held before = Held.by(house.daemon);
            long sockets = sockets();
            List<Besieger> besiegers = new ArrayList<>();
            try {
                for (Cell cell : cells) {
                    besiegers.add(new Besieger(cell));
                }
                publishMuch(besiegers);
                await().pollInterval(Duration.ofMillis(20)).untilAsserted(() -> {
                    moment(besiegers);
                    assertThat(besiegers.stream().filter(one -> one.cell.putOut() && one.end == null))
                            .as("still there")
                            .isEmpty();
                });
                good.areStillAnswered();
                Held during = Held.by(house.daemon);
                assertThat(during.heapKb() - before.heapKb())
                        .as("KB of heap more")
                        .isLessThan(HEAP_KB);
            } finally {
                for (Besieger one : besiegers) {
                    one.close();
                }
            }
            good.areStillAnswered();
            await().untilAsserted(() -> {
                Held now = Held.by(house.daemon);
                assertThat(now.heapKb() - before.heapKb()).as("KB of heap more").isLessThan(HEAP_KB / 2);
                assertThat(now.threads() - before.threads())
                        .as("threads more, of %s", house.daemon.threads())
                        .isLessThan(THREADS);
                assertThat(sockets()).as("sockets").isLessThanOrEqualTo(sockets + 3); // good ones may open another
            });
            good.thank();
        }
    }

    private static void moment(List<Besieger> besiegers) {
        for (Besieger one : besiegers) {
            if (one.end == null) {
                one.moment();
            }
        }
    }

    /** What those who listen to events and never read have waiting for them. */
    private static void publishMuch(List<Besieger> besiegers) throws IOException {
        String text = "x".repeat(48 << 10);
        try (FrameSocket publisher = house.daemon.frames()) {
            for (int i = 0; i < 200; i++) {
                moment(besiegers);
                publisher.call("event.publish", Map.of("topic", "events:siege", "payload", Map.of("text", text)));
            }
        }
    }

    private static long sockets() throws IOException {
        long count = 0;
        try (Stream<Path> open = Files.list(Path.of("/proc/" + house.daemon.pid() + "/fd"))) {
            for (Path one : open.toList()) {
                try {
                    count += Files.readSymbolicLink(one).toString().startsWith("socket:") ? 1 : 0;
                } catch (IOException closed) {
                    LockSupport.parkNanos(1); // between the listing and the look
                }
            }
        }
        return count;
    }

    private static List<Cell> cells() throws IOException {
        List<Cell> cells = new ArrayList<>();
        SocketAddress http =
                new InetSocketAddress("127.0.0.1", house.daemon.http().getPort());
        socket(cells);
        webSocket(cells, "gateway", http, "/gateway", frame("hub.methods"));
        webSocket(cells, "ws", http, "/ws", RawWebSocket.frame(RawWebSocket.TEXT, bytes("{\"topics\":[\"*\"]}")));
        events(cells, http);
        http(cells, "rest", http, "/api/v1/memory/query", "/openapi.json");
        http(cells, "mcp", http, "/mcp", "/mcp");
        http(cells, "openai", http, "/v1/chat/completions", "/v1/models");
        http(cells, "health", http, "", "/metrics");
        if (house.has("swarm")) {
            lines(cells, new InetSocketAddress("127.0.0.1", house.port("swarm")));
            http(cells, "older rest", new InetSocketAddress("127.0.0.1", house.restPort()), "/tasks", "/tasks");
        }
        if (house.has("vargos")) {
            SocketAddress at = new InetSocketAddress("127.0.0.1", house.port("vargos"));
            webSocket(cells, "vargos", at, "/", frame("session.list"));
        }
        if (house.has("tui")) {
            SocketAddress at = new InetSocketAddress("127.0.0.1", house.port("tui"));
            byte[] said = RawWebSocket.frame(RawWebSocket.TEXT, bytes("{\"type\":\"nothing\"}"));
            webSocket(cells, "tui", at, "/ws/tui", said);
        }
        if (house.has("ksi")) {
            SocketAddress at = new InetSocketAddress("127.0.0.1", house.port("ksi"));
            http(cells, "ksi", at, "/api/v1/spawn", "/openapi.json");
            cells.add(new Cell("ksi events", Kind.NEVER_READS, at, handshake("/ws"), new byte[0], false));
            cells.add(new Cell("ksi events", Kind.HALF_CLOSED, at, handshake("/ws"), new byte[0], true));
            cells.add(new Cell("ksi events", Kind.DRIPS, at, bytes("GET /w"), bytes("w"), true));
        }
        return cells;
    }

    private static void socket(List<Cell> cells) throws IOException {
        SocketAddress at = UnixDomainSocketAddress.of(house.socket());
        byte[] body = new CBORMapper().writeValueAsBytes(Map.of("type", "req", "id", "1", "method", "hub.methods"));
        byte[] ask = ByteBuffer.allocate(4 + body.length)
                .putInt(body.length)
                .put(body)
                .array();
        byte[] half = Arrays.copyOf(ask, 9);
        byte[] endless = {0x7f, 0, 0, 0};
        cells.add(new Cell("socket", Kind.DRIPS, at, new byte[0], ask, false));
        cells.add(new Cell("socket", Kind.NEVER_READS, at, new byte[0], ask, false));
        cells.add(new Cell("socket", Kind.HALF_CLOSED, at, half, new byte[0], true));
        cells.add(new Cell("socket", Kind.SILENT, at, new byte[0], new byte[0], false));
        cells.add(new Cell("socket", Kind.NEVER_ENDS, at, endless, BLANKS, true));
    }

    private static void webSocket(List<Cell> cells, String door, SocketAddress at, String path, byte[] frame) {
        byte[] hand = handshake(path);
        byte[] half = join(hand, Arrays.copyOf(frame, frame.length / 2));
        byte[] fragment = RawWebSocket.frame(0, BLANKS);
        byte[] begun = RawWebSocket.frame(RawWebSocket.TEXT & 0x7f, bytes(" "));
        cells.add(new Cell(door, Kind.DRIPS, at, bytes("GET "), bytes("/"), true));
        cells.add(new Cell(
                door, Kind.NEVER_READS, at, join(hand, frame), door.equals("ws") ? new byte[0] : frame, false));
        cells.add(new Cell(door, Kind.HALF_CLOSED, at, half, new byte[0], true));
        boolean soon = !door.equals("tui"); // its pings are 30 s apart
        cells.add(new Cell(door, Kind.SILENT, at, hand, new byte[0], soon));
        cells.add(new Cell(door, Kind.NEVER_ENDS, at, join(hand, begun), fragment, true));
    }

    private static void events(List<Cell> cells, SocketAddress at) {
        String ask = "GET /events?topics=* HTTP/1.1\r\nHost: localhost\r\n" + token();
        cells.add(new Cell("events", Kind.DRIPS, at, bytes(ask + "X-A: "), bytes("a"), true));
        cells.add(new Cell("events", Kind.NEVER_READS, at, bytes(ask + "\r\n"), new byte[0], false));
        cells.add(new Cell("events", Kind.HALF_CLOSED, at, bytes(ask), new byte[0], true));
        cells.add(new Cell("events", Kind.SILENT, at, new byte[0], new byte[0], false));
        cells.add(new Cell("events", Kind.NEVER_ENDS, at, bytes(ask + "X-A: "), BLANKS, true));
    }

    /** @param post where bodies are taken; empty where none are */
    private static void http(List<Cell> cells, String door, SocketAddress at, String post, String get) {
        String head = "POST " + post + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" + token();
        String look = "GET " + get + " HTTP/1.1\r\nHost: localhost\r\n" + token();
        byte[] chunk = join(bytes("10000\r\n"), BLANKS, bytes("\r\n"));
        boolean bodies = !post.isEmpty();
        byte[] dripping = bytes(bodies ? head + "Content-Length: 1000\r\n\r\n{" : look + "X-A: ");
        byte[] endless = bytes(bodies ? head + "Transfer-Encoding: chunked\r\n\r\n" : look + "X-A: ");
        cells.add(new Cell(door, Kind.DRIPS, at, dripping, bytes("   "), true));
        cells.add(new Cell(door, Kind.NEVER_READS, at, new byte[0], bytes(look + "\r\n"), false));
        cells.add(new Cell(door, Kind.HALF_CLOSED, at, dripping, new byte[0], true));
        cells.add(new Cell(door, Kind.SILENT, at, new byte[0], new byte[0], false));
        cells.add(new Cell(door, Kind.NEVER_ENDS, at, endless, bodies ? chunk : BLANKS, true));
        if (bodies) {
            cells.add(new Cell(door + " chunk", Kind.DRIPS, at, join(endless, bytes("5;")), bytes("a"), true));
        }
        cells.add(new Cell(door + " head", Kind.DRIPS, at, bytes("PO"), bytes("S"), true));
        cells.add(new Cell(door + " head", Kind.NEVER_ENDS, at, bytes(look + "X-A: "), BLANKS, true));
    }

    private static void lines(List<Cell> cells, SocketAddress at) {
        byte[] ask = bytes("{\"id\":1,\"method\":\"list\",\"params\":{\"limit\":100}}\n");
        cells.add(new Cell("swarm", Kind.DRIPS, at, new byte[0], bytes("{ "), true));
        cells.add(new Cell("swarm", Kind.NEVER_READS, at, new byte[0], ask, true));
        cells.add(new Cell("swarm", Kind.HALF_CLOSED, at, bytes("{\"id\":"), new byte[0], true));
        cells.add(new Cell("swarm", Kind.SILENT, at, new byte[0], new byte[0], false));
        cells.add(new Cell("swarm", Kind.NEVER_ENDS, at, new byte[0], BLANKS, true));
    }

    private static byte[] frame(String method) {
        return RawWebSocket.frame(
                RawWebSocket.TEXT,
                bytes("{\"type\":\"req\",\"id\":\"1\",\"method\":\"" + method + "\",\"params\":{}}"));
    }

    private static byte[] handshake(String path) {
        return bytes("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" + token() + "\r\n");
    }

    private static String token() {
        return "Authorization: Bearer " + house.token + "\r\n";
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    private static byte[] blanks(int length) {
        byte[] blanks = new byte[length];
        Arrays.fill(blanks, (byte) ' ');
        return blanks;
    }

    private static byte[] join(byte[]... parts) {
        ByteBuffer all = ByteBuffer.allocate(
                Arrays.stream(parts).mapToInt(part -> part.length).sum());
        Arrays.stream(parts).forEach(all::put);
        return all.array();
    }
}
