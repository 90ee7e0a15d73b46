package io.koshi.ksi.internal;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RemainderTest {
    private static final byte[] CHUNK = new byte[64 << 10];
    private static final int CHUNKS = 320; // 20 MiB: more than all the buffers between two sockets hold

    private final Server server = new Server();
    private final ServerConnector port = new ServerConnector(server);
    private Socket client;

    @BeforeEach
    void start() throws Exception {
        port.setHost("127.0.0.1");
        server.addConnector(port);
        server.setHandler(new Handler.Abstract() {
            @Override
            public boolean handle(Request request, Response response, Callback callback) {
                response.setStatus(413);
                response.getHeaders().put("Content-Length", 8);
                response.write(
                        true, ByteBuffer.wrap("too much".getBytes(US_ASCII)), Remainder.before(request, callback));
                return true;
            }
        });
        server.start();
        client = new Socket(InetAddress.getLoopbackAddress(), port.getLocalPort());
        client.setSoTimeout(120_000);
    }

    @AfterEach
    void stop() throws Exception {
        client.close();
        server.stop();
    }

    private void say(String text) throws IOException {
        client.getOutputStream().write(text.getBytes(US_ASCII));
    }

    /** The next answer; what follows it stays unread. */
    private String answer() throws IOException {
        StringBuilder answer = new StringBuilder();
        InputStream in = client.getInputStream();
        while (!answer.toString().endsWith("\r\n\r\ntoo much")) {
            int c = in.read();
            assertThat(c).as("ended after: " + answer).isNotNegative();
            answer.append((char) c);
        }
        return answer.toString();
    }

    @Test
    void aClientThatSendsAllOfARefusedBodyFirstReadsWhyAfterwards() throws Exception {
        say("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + (long) CHUNK.length * CHUNKS + "\r\n\r\n");
        OutputStream out = client.getOutputStream();
        for (int i = 0; i < CHUNKS; i++) {
            out.write(CHUNK);
        }
        assertThat(answer()).startsWith("HTTP/1.1 413 ");
        say("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"); // and the connection serves on
        assertThat(answer()).startsWith("HTTP/1.1 413 ");
    }

    @Test
    void andSoDoesOneThatDoesNotSayHowMuchWillCome() throws Exception {
        say("POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
        OutputStream out = client.getOutputStream();
        for (int i = 0; i < CHUNKS; i++) {
            say(Integer.toHexString(CHUNK.length) + "\r\n");
            out.write(CHUNK);
            say("\r\n");
        }
        say("0\r\n\r\n");
        assertThat(answer()).startsWith("HTTP/1.1 413 ");
    }

    @Test
    void theAnswerComesWhileTheBodyIsStillOpen() throws Exception {
        say("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n");
        assertThat(answer()).startsWith("HTTP/1.1 413 ");
    }
}
