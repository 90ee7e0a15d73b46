package io.koshi.gateway.internal;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ProblemPagesTest {
    private final Server server = new Server();
    private final ServerConnector port = new ServerConnector(server);

    @BeforeEach
    void start() throws Exception {
        port.setHost("127.0.0.1");
        server.addConnector(port);
        server.setHandler(new Handler.Abstract() {
            @Override
            public boolean handle(Request request, Response response, Callback callback) {
                if (request.getHttpURI().getPath().equals("/breaks")) {
                    throw new IllegalStateException("a secret detail");
                }
                return false;
            }
        });
        ProblemPages.install(server);
        server.start();
    }

    @AfterEach
    void stop() throws Exception {
        server.stop();
    }

    private String ask(String request) throws IOException {
        try (Socket client = new Socket(InetAddress.getLoopbackAddress(), port.getLocalPort())) {
            client.setSoTimeout(120_000);
            client.getOutputStream().write(request.getBytes(ISO_8859_1));
            return new String(client.getInputStream().readAllBytes(), ISO_8859_1);
        }
    }

    private String get(String path) throws IOException {
        return ask("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    }

    @Test
    void saysAsTheDoorsDoWhatNoDoorHasSeen() throws Exception {
        assertThat(get("/nothing"))
                .startsWith("HTTP/1.1 404 ")
                .contains("Content-Type: application/problem+json")
                .contains("{\"status\":404,\"code\":\"NOT_FOUND\",\"detail\":\"nothing is served");
        assertThat(get("/a%2Fb"))
                .startsWith("HTTP/1.1 400 ")
                .contains("{\"status\":400,\"code\":\"PARSE_ERROR\",\"detail\":\"Bad Request: Ambiguous URI");
        assertThat(ask("no HTTP at all\r\n\r\n")).startsWith("HTTP/1.1 400 ").contains("\"code\":\"PARSE_ERROR\"");
    }

    @Test
    void repeatsNothingOfWhatWasSent() throws Exception {
        assertThat(get("/" + "a".repeat(7_000))).startsWith("HTTP/1.1 404 ").doesNotContain("aaaa");
        assertThat(get("/" + "a".repeat(20_000)))
                .startsWith("HTTP/1.1 414 ")
                .contains("\"code\":\"TOO_LARGE\"")
                .doesNotContain("aaaa");
        assertThat(get("/breaks"))
                .startsWith("HTTP/1.1 500 ")
                .contains("\"code\":\"INTERNAL\"")
                .doesNotContain("secret");
    }

    @Test
    void saysNothingWhereNothingMayBeSaid() throws Exception {
        assertThat(ask("HEAD /nothing HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 404 ")
                .endsWith("\r\n\r\n");
    }
}
