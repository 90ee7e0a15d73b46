package io.koshi.gateway.internal;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.koshi.testkit.TestPools;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HeadWatchTest {
    private static final Duration LIMIT = Duration.ofSeconds(1);
    private static final String WHOLE = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

    private final TestPools pools = new TestPools();
    private final CountDownLatch answer = new CountDownLatch(1);
    private final Server server = new Server();
    private final ServerConnector port = new ServerConnector(server);
    private final List<Socket> clients = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        port.setHost("127.0.0.1");
        server.addConnector(port);
        server.setHandler(new Handler.Abstract() {
            @Override
            public boolean handle(Request request, Response response, Callback callback) throws Exception {
                if (request.getHttpURI().getPath().equals("/slow")) {
                    answer.await(60, TimeUnit.SECONDS);
                } else if (request.getHttpURI().getPath().equals("/body")) {
                    Content.Source.asInputStream(request).readAllBytes();
                }
                callback.succeeded();
                return true;
            }
        });
        server.start();
    }

    @AfterEach
    void stop() throws Exception {
        answer.countDown();
        for (Socket client : clients) {
            client.close();
        }
        server.stop();
        pools.close();
    }

    private HeadWatch watch(int most) throws Exception {
        HeadWatch watch = new HeadWatch(server, pools, LIMIT, most);
        server.addConnector(watch);
        watch.start();
        return watch;
    }

    private Socket connect(String said) throws IOException {
        Socket client = new Socket(InetAddress.getLoopbackAddress(), port.getLocalPort());
        client.setSoTimeout(120_000);
        clients.add(client);
        say(client, said);
        return client;
    }

    private static void say(Socket client, String text) throws IOException {
        client.getOutputStream().write(text.getBytes(US_ASCII));
    }

    private static String line(Socket client) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = client.getInputStream().read();
                c >= 0 && c != '\n';
                c = client.getInputStream().read()) {
            line.append((char) c);
        }
        return line.toString().strip();
    }

    /** Writes again and again until the connection is found dead; false where it never is. */
    private static boolean diesOf(Socket client, String drop) {
        try {
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .pollInterval(Duration.ofMillis(50))
                    .until(() -> {
                        try {
                            say(client, drop);
                            return false;
                        } catch (IOException dead) {
                            return true;
                        }
                    });
            return true;
        } catch (ConditionTimeoutException lives) {
            return false;
        }
    }

    @Test
    void endsAHeadThatDripsIn() throws Exception {
        watch(100);
        for (String begun : List.of("G", "GET / HT", "GET / HTTP/1.1\r\nHost: localhost\r\nX-A: a")) {
            assertThat(diesOf(connect(begun), "a")).as(begun).isTrue();
        }
        assertThat(diesOf(connect("\r\n"), "\r\n")).as("blank lines only").isTrue();
    }

    @Test
    void tellsWhoWasTooSlow() throws Exception {
        watch(100);
        assertThat(line(connect("GET / HTTP/1.1\r\nHost: loc"))).isEqualTo("HTTP/1.1 408 Request Timeout");
    }

    @Test
    void endsASecondHeadToo() throws Exception {
        watch(100);
        Socket client = connect(WHOLE + "GET / HT");
        assertThat(line(client)).isEqualTo("HTTP/1.1 200 OK");
        assertThat(diesOf(client, "T")).isTrue();
    }

    @Test
    void endsABodyWhoseChunksNeverBegin() throws Exception {
        watch(100);
        String head = "POST /body HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";
        assertThat(diesOf(connect(head + "5;a=b"), "b"))
                .as("what may follow a size")
                .isTrue();
        assertThat(diesOf(connect(head + "0"), "0")).as("a size").isTrue();
        assertThat(diesOf(connect(head + "0\r\nA: b"), "b")).as("a trailer").isTrue();
        Socket pausing = connect(head + "2\r\nab\r\n");
        assertThat(line(connect("GET / HT"))).contains(" 408 "); // so the watch has come by
        assertThat(line(connect("GET / HT"))).contains(" 408 "); // twice
        say(pausing, "0\r\n\r\n");
        assertThat(line(pausing)).isEqualTo("HTTP/1.1 200 OK");
    }

    @Test
    void leavesAloneWhoWaitsAndWhoIsAnswered() throws Exception {
        watch(100);
        Socket kept = connect(WHOLE);
        Socket silent = connect("");
        Socket waiting = connect("GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n");
        assertThat(line(kept)).isEqualTo("HTTP/1.1 200 OK");
        assertThat(line(connect("GET / HT"))).contains(" 408 "); // so the watch has come by
        assertThat(line(connect("GET / HT"))).contains(" 408 "); // twice
        while (!line(kept).isEmpty()) {
            // the rest of the first answer's head
        }
        say(kept, WHOLE);
        assertThat(line(kept)).isEqualTo("HTTP/1.1 200 OK");
        say(silent, WHOLE);
        assertThat(line(silent)).isEqualTo("HTTP/1.1 200 OK");
        answer.countDown();
        assertThat(line(waiting)).isEqualTo("HTTP/1.1 200 OK");
    }

    @Test
    void endsTheOldestOfTooManyThatAskNothing() throws Exception {
        Socket asking = connect("GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Socket oldest = connect("");
        Awaitility.await().until(() -> port.getConnectedEndPoints().size() == 2);
        connect("");
        connect("");
        Awaitility.await().until(() -> port.getConnectedEndPoints().size() == 4);
        watch(2);
        assertThat(oldest.getInputStream().read()).isEqualTo(-1);
        Awaitility.await().until(() -> port.getConnectedEndPoints().size() == 3);
        answer.countDown();
        assertThat(line(asking)).isEqualTo("HTTP/1.1 200 OK");
    }

    @Test
    void opensNoPortOfItsOwnAndEndsWithTheServer() throws Exception {
        HeadWatch watch = watch(100);
        assertThat(watch.isOpen()).isFalse();
        assertThat(watch.getConnectedEndPoints()).isEmpty();
        server.stop();
        assertThat(watch.isRunning()).isFalse();
    }
}
