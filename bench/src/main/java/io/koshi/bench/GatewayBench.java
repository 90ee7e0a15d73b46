package io.koshi.bench;

import io.koshi.itests.Daemon;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The WebSocket gateway, JSON frames, server and clients on the same processors: calls to a remote service and back,
 * deliveries to subscribers, what an idle client costs, and bare Jetty's cost beside it.
 */
final class GatewayBench implements Bench.Story {
    private static final int SUBSCRIBERS = 8;
    private static final int IDLE = 2000;
    private static final int CROWD = 1000;
    private static final Pattern TOTAL = Pattern.compile("Total\\s+\\d+\\s+(\\d+)");

    @Override
    public void run(Path scratch) throws Exception {
        try (Daemon daemon = Daemon.in(scratch.resolve("home"))
                .config("http: { port: 0 }\ngateway: { replay: 100000, pingSeconds: 600 }\n")
                .start()) {
            String token = Files.readString(daemon.home().resolve("token")).strip();
            Table table =
                    new Table("Gateway, JSON text frames over WebSocket, no fsync in these paths", "what", "figure");
            calls(daemon.http(), token, table);
            deliveries(daemon.http(), token, table);
            latency(daemon.http(), token, table, 1);
            latency(daemon.http(), token, table, SUBSCRIBERS);
            crowd(daemon.http(), token, table);
            table.row("heap of an idle client, bytes", idle(daemon, token));
            table.row("the same of bare Jetty, bytes", BareJetty.perClient(IDLE));
            table.print(System.out);
        }
    }

    private static void calls(URI http, String token, Table table) throws Exception {
        try (RawWebSocket service = new RawWebSocket(http, "/gateway", token)) {
            service.write(
                    RawWebSocket.framed("{\"type\":\"req\",\"id\":\"r\",\"method\":\"gateway.register\",\"params\":"
                            + "{\"service\":\"bench\",\"version\":\"1\",\"methods\":[\"bench.echo\"]}}"));
            service.flush();
            service.skip();
            Thread serving = new Thread(() -> serve(service), "service");
            serving.setDaemon(true);
            serving.start();
            try (RawWebSocket caller = new RawWebSocket(http, "/gateway", token)) {
                window(caller, 32, 300_000); // warms up
                table.row("calls/s to a remote service, 1 in flight", window(caller, 1, 40_000));
                table.row("calls/s to a remote service, 32 in flight", window(caller, 32, 400_000));
            }
        }
    }

    /** Answers every call under its id. */
    private static void serve(RawWebSocket service) {
        byte[] head = "{\"type\":\"res\",\"id\":\"".getBytes();
        byte[] tail = "\",\"ok\":true,\"payload\":{\"n\":1}}".getBytes();
        byte[] mark = "\"id\":\"".getBytes();
        try {
            while (true) {
                byte[] call = service.read();
                int at = indexOf(call, mark) + mark.length;
                int end = at;
                while (call[end] != '"') {
                    end++;
                }
                int size = head.length + end - at + tail.length;
                byte[] frame = new byte[6 + size];
                frame[0] = (byte) 0x81;
                frame[1] = (byte) (0x80 | size);
                System.arraycopy(head, 0, frame, 6, head.length);
                System.arraycopy(call, at, frame, 6 + head.length, end - at);
                System.arraycopy(tail, 0, frame, frame.length - tail.length, tail.length);
                service.write(frame);
                if (!service.more()) {
                    service.flush();
                }
            }
        } catch (IOException over) {
            return;
        }
    }

    private static int indexOf(byte[] bytes, byte[] mark) {
        int i = 0;
        while (!Arrays.equals(bytes, i, i + mark.length, mark, 0, mark.length)) {
            i++;
        }
        return i;
    }

    private static double window(RawWebSocket caller, int inFlight, int calls) throws IOException {
        byte[] frame =
                RawWebSocket.framed("{\"type\":\"req\",\"id\":\"c\",\"target\":\"bench\",\"method\":\"bench.echo\","
                        + "\"params\":{\"text\":\"hello\",\"n\":42}}");
        long begin = System.nanoTime();
        for (int i = 0; i < inFlight; i++) {
            caller.write(frame);
        }
        caller.flush();
        int sent = inFlight;
        for (int done = 0; done < calls; done++) {
            caller.skip();
            if (sent < calls) {
                caller.write(frame);
                sent++;
            }
            if (!caller.more()) {
                caller.flush();
            }
        }
        return calls / ((System.nanoTime() - begin) / 1e9);
    }

    private static void subscribe(RawWebSocket client, String topic) throws IOException {
        client.write(RawWebSocket.framed("{\"type\":\"req\",\"id\":\"s\",\"method\":\"gateway.subscribe\",\"params\":"
                + "{\"topics\":[\"" + topic + "\"]}}"));
        client.flush();
        client.skip();
    }

    private static byte[] publication(String topic, String payload) {
        return RawWebSocket.framed(
                "{\"type\":\"req\",\"id\":\"p\",\"method\":\"event.publish\",\"params\":{\"topic\":\"" + topic
                        + "\",\"payload\":" + payload + "}}");
    }

    private static void deliveries(URI http, String token, Table table) throws Exception {
        int events = 60_000;
        double rate = 0;
        for (int round = 0; round < 3; round++) { // the first two warm up
            rate = deliver(http, token, events);
        }
        table.row("deliveries/s to " + SUBSCRIBERS + " subscribers", rate);
    }

    private static double deliver(URI http, String token, int events) throws Exception {
        List<RawWebSocket> subscribers = new ArrayList<>();
        CountDownLatch done = new CountDownLatch(SUBSCRIBERS);
        AtomicLong got = new AtomicLong();
        try (RawWebSocket publisher = new RawWebSocket(http, "/gateway", token)) {
            for (int i = 0; i < SUBSCRIBERS; i++) {
                RawWebSocket subscriber = new RawWebSocket(http, "/gateway", token);
                subscribe(subscriber, "bench.*");
                subscribers.add(subscriber);
                Thread reading = new Thread(() -> {
                    try {
                        for (int n = 0; n < events; n++) {
                            subscriber.skip();
                        }
                        got.addAndGet(events);
                    } catch (IOException over) {
                        got.addAndGet(-1);
                    }
                    done.countDown();
                });
                reading.setDaemon(true);
                reading.start();
            }
            byte[] frame = publication("bench.tick", "{\"n\":1,\"text\":\"a little something\"}");
            long begin = System.nanoTime();
            int sent = 0;
            for (int answered = 0; answered < events; answered++) {
                while (sent < events && sent - answered < 64) {
                    publisher.write(frame);
                    sent++;
                }
                publisher.flush();
                publisher.skip();
                while (publisher.more() && answered + 1 < events) {
                    publisher.skip();
                    answered++;
                }
            }
            done.await();
            return got.get() / ((System.nanoTime() - begin) / 1e9);
        } finally {
            for (RawWebSocket subscriber : subscribers) {
                subscriber.close();
            }
        }
    }

    private static void latency(URI http, String token, Table table, int subscribers) throws Exception {
        int events = 8_000;
        List<RawWebSocket> clients = new ArrayList<>();
        List<Double> millis = Collections.synchronizedList(new ArrayList<>());
        CountDownLatch done = new CountDownLatch(subscribers);
        try (RawWebSocket publisher = new RawWebSocket(http, "/gateway", token)) {
            for (int i = 0; i < subscribers; i++) {
                RawWebSocket client = new RawWebSocket(http, "/gateway", token);
                subscribe(client, "lat.*");
                clients.add(client);
                Thread reading = new Thread(() -> {
                    try {
                        for (int n = 0; n < events; n++) {
                            String event = client.text();
                            long now = System.nanoTime();
                            int at = event.indexOf("\"t\":") + 4;
                            long then = Long.parseLong(event.substring(at, event.indexOf('}', at)));
                            if (n >= events / 4) {
                                millis.add((now - then) / 1e6);
                            }
                        }
                    } catch (IOException over) {
                        millis.clear();
                    }
                    done.countDown();
                });
                reading.setDaemon(true);
                reading.start();
            }
            long next = System.nanoTime();
            for (int i = 0; i < events; i++) {
                next += 1_000_000;
                while (System.nanoTime() < next) {
                    LockSupport.parkNanos(next - System.nanoTime());
                }
                publisher.write(publication("lat.tick", "{\"t\":" + System.nanoTime() + "}"));
                publisher.flush();
                publisher.skip();
            }
            done.await();
        } finally {
            for (RawWebSocket client : clients) {
                client.close();
            }
        }
        millis.sort(null);
        String to = "1,000 events/s to " + subscribers + ", ms, ";
        table.row(to + "p50", StartBench.median(millis));
        table.row(to + "p99", millis.get((int) (millis.size() * 0.99)));
    }

    /** One event to a thousand clients: until the last one has it. */
    private static void crowd(URI http, String token, Table table) throws Exception {
        List<RawWebSocket> crowd = new ArrayList<>();
        List<Double> millis = new ArrayList<>();
        try (Selector selector = Selector.open();
                RawWebSocket publisher = new RawWebSocket(http, "/gateway", token)) {
            for (int i = 0; i < CROWD; i++) {
                RawWebSocket client = new RawWebSocket(http, "/gateway", token);
                subscribe(client, "crowd.*");
                client.channel.configureBlocking(false);
                client.channel.register(selector, SelectionKey.OP_READ);
                crowd.add(client);
            }
            byte[] frame = publication("crowd.event", "{\"n\":1}");
            ByteBuffer buffer = ByteBuffer.allocateDirect(4096);
            for (int round = 0; round < 220; round++) {
                long begin = System.nanoTime();
                publisher.write(frame);
                publisher.flush();
                for (int got = 0; got < CROWD; ) {
                    selector.select();
                    for (SelectionKey key : selector.selectedKeys()) {
                        buffer.clear();
                        ((SocketChannel) key.channel()).read(buffer);
                        got++;
                    }
                    selector.selectedKeys().clear();
                }
                if (round >= 20) {
                    millis.add((System.nanoTime() - begin) / 1e6);
                }
                publisher.skip();
                LockSupport.parkNanos(5_000_000);
            }
        } finally {
            for (RawWebSocket client : crowd) {
                client.close();
            }
        }
        millis.sort(null);
        table.row("one event to 1,000 subscribers, the last has it, ms, p50", StartBench.median(millis));
        table.row("one event to 1,000 subscribers, the last has it, ms, p99", millis.get((int) (millis.size() * 0.99)));
    }

    private static double idle(Daemon daemon, String token) throws Exception {
        long before = live(daemon.pid());
        List<RawWebSocket> clients = new ArrayList<>();
        for (int i = 0; i < IDLE; i++) {
            clients.add(new RawWebSocket(daemon.http(), "/gateway", token));
        }
        long after = live(daemon.pid());
        for (RawWebSocket client : clients) {
            client.close();
        }
        return (after - before) / (double) IDLE;
    }

    /** Bytes of live objects in a process's heap, after a full collection. */
    static long live(long pid) throws Exception {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            Process jcmd = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "jcmd")
                                    .toString(),
                            Long.toString(pid),
                            "GC.class_histogram")
                    .redirectErrorStream(true)
                    .start();
            String histogram = new String(jcmd.getInputStream().readAllBytes());
            jcmd.waitFor();
            Matcher total = TOTAL.matcher(histogram);
            if (!total.find()) {
                throw new IOException(histogram);
            }
            least = Math.min(least, Long.parseLong(total.group(1)));
        }
        return least;
    }
}
