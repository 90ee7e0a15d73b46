package io.koshi.gateway.internal;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LingerTest {
    private static final byte[] CHUNK = new byte[64 << 10];
    private static final int CHUNKS = 320; // 20 MiB: more than all the buffers between two sockets hold

    private final Server server = new Server();
    private final ServerConnector port = new ServerConnector(server);
    private final List<Socket> clients = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        port.setHost("127.0.0.1");
        Linger.install(port.getConnectionFactory(HttpConnectionFactory.class).getHttpConfiguration());
        server.addConnector(port);
        server.setHandler(new Handler.Abstract() {
            @Override
            public boolean handle(Request request, Response response, Callback callback) throws Exception {
                if (request.getHttpURI().getPath().equals("/read")) {
                    response.setStatus(200);
                    Content.Source.asByteBuffer(request);
                    callback.succeeded();
                } else {
                    response.setStatus(413);
                    Content.Sink.write(response, true, "too much", callback);
                }
                return true;
            }
        });
        server.start();
    }

    @AfterEach
    void stop() throws Exception {
        for (Socket client : clients) {
            client.close();
        }
        server.stop();
    }

    private Socket ask(String path, String length) throws IOException {
        return ask(path, length, "");
    }

    private Socket ask(String path, String length, String body) throws IOException {
        Socket client = new Socket(InetAddress.getLoopbackAddress(), port.getLocalPort());
        client.setSoTimeout(120_000);
        clients.add(client);
        say(client, "POST " + path + " HTTP/1.1\r\nHost: localhost\r\n" + length + "\r\n\r\n" + body);
        return client;
    }

    private static void say(Socket client, String text) throws IOException {
        client.getOutputStream().write(text.getBytes(US_ASCII));
    }

    private static String rest(Socket client) throws IOException {
        return new String(client.getInputStream().readAllBytes(), US_ASCII);
    }

    @Test
    void aClientThatSendsAllOfARefusedBodyFirstReadsWhyAfterwards() throws Exception {
        Socket client = ask("/", "Content-Length: " + (long) CHUNK.length * CHUNKS);
        OutputStream out = client.getOutputStream();
        for (int i = 0; i < CHUNKS; i++) {
            out.write(CHUNK);
        }
        assertThat(rest(client)).startsWith("HTTP/1.1 413 ").endsWith("too much");
    }

    @Test
    void andSoDoesOneThatDoesNotSayHowMuchWillCome() throws Exception {
        Socket client = ask("/", "Transfer-Encoding: chunked");
        OutputStream out = client.getOutputStream();
        for (int i = 0; i < CHUNKS; i++) {
            say(client, Integer.toHexString(CHUNK.length) + "\r\n");
            out.write(CHUNK);
            say(client, "\r\n");
        }
        assertThat(rest(client)).startsWith("HTTP/1.1 413 ").contains("too much");
    }

    @Test
    void theEndOfTheAnswerIsSeenWhileTheBodyIsStillOpen() throws Exception {
        Socket client = ask("/", "Content-Length: 1000000");
        assertThat(rest(client)).startsWith("HTTP/1.1 413 ").endsWith("too much");
    }

    @Test
    void whatComesAfterwardsIsNoRequest() throws Exception {
        Socket client = ask("/", "Content-Length: 1000000");
        say(client, "POST /read HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n".repeat(40_000));
        assertThat(rest(client)).containsOnlyOnce("HTTP/1.1 ");
    }

    @Test
    void aClientThatGoesLeavesNothingBehind() throws Exception {
        Socket client = ask("/", "Content-Length: 1000000");
        assertThat(rest(client)).startsWith("HTTP/1.1 413 ");
        client.close();
        Awaitility.await().until(() -> port.getConnectedEndPoints().isEmpty());
    }

    @Test
    void aClientThatFallsSilentIsGivenUp() throws Exception {
        Socket client = ask("/", "Content-Length: 1000000");
        assertThat(rest(client)).startsWith("HTTP/1.1 413 ");
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(() -> port.getConnectedEndPoints().isEmpty());
    }

    @Test
    void aRefusalSaysThatTheConnectionEndsUnlessAllOfTheBodyIsHere() throws Exception {
        Socket whole = ask("/", "Content-Length: 2\r\nX-A: a", "{}");
        say(whole, "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n");
        String[] answers = rest(whole).split("(?=HTTP/1.1 )");
        assertThat(answers).hasSize(2);
        assertThat(answers[0]).startsWith("HTTP/1.1 413 ").doesNotContain("Connection: close");
        assertThat(answers[1]).startsWith("HTTP/1.1 413 ").contains("Connection: close");
    }

    @Test
    void aBodyThatWaitsToBeAskedForIsNotAskedForWhereItIsRefused() throws Exception {
        for (String length : List.of("Content-Length: 20", "Content-Length: 20000000", "Transfer-Encoding: chunked")) {
            Socket client = ask("/", length + "\r\nExpect: 100-continue");
            assertThat(rest(client)).as(length).startsWith("HTTP/1.1 413 ").contains("Connection: close");
        }
        Socket wanted = ask("/read", "Content-Length: 2\r\nConnection: close\r\nExpect: 100-continue");
        assertThat(wanted.getInputStream().readNBytes(25)).asString(US_ASCII).startsWith("HTTP/1.1 100 ");
        say(wanted, "{}");
        assertThat(rest(wanted)).contains("HTTP/1.1 200 ");
    }

    @Test
    void aClientThatDripsIsGivenUpLikeOneThatIsSilent() throws Exception {
        Socket client = ask("/", "Content-Length: 1000000");
        assertThat(rest(client)).startsWith("HTTP/1.1 413 ");
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(
                        () -> { // and not only after the 30 s of all
                            try {
                                client.getOutputStream().write(' ');
                                return false;
                            } catch (IOException givenUp) {
                                return true;
                            }
                        });
    }

    @Test
    void aBodyThatWasReadKeepsItsConnection() throws Exception {
        Socket client = ask("/read", "Content-Length: 2");
        say(client, "{}");
        say(client, "POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
        assertThat(rest(client)).startsWith("HTTP/1.1 200 ").contains("HTTP/1.1 413 ");
    }
}
