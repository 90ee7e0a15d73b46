package io.koshi.bench;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.eclipse.jetty.websocket.server.WebSocketUpgradeHandler;

/** A Jetty server with a WebSocket that does nothing, in a process of its own: what an idle client costs at the least. */
public final class BareJetty {
    private BareJetty() {}

    /** Bytes of heap per idle client. */
    static double perClient(int clients) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        BareJetty.class.getName())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        List<RawWebSocket> open = new ArrayList<>();
        try (BufferedReader out = new BufferedReader(new InputStreamReader(process.getInputStream()))) {
            URI http = URI.create("http://127.0.0.1:" + out.readLine().strip());
            long before = GatewayBench.live(process.pid());
            for (int i = 0; i < clients; i++) {
                open.add(new RawWebSocket(http, "/", "none"));
            }
            return (GatewayBench.live(process.pid()) - before) / (double) clients;
        } finally {
            for (RawWebSocket client : open) {
                client.close();
            }
            process.destroy();
        }
    }

    public static void main(String[] none) throws Exception {
        Server server = new Server();
        ServerConnector connector = new ServerConnector(server);
        connector.setHost("127.0.0.1");
        server.addConnector(connector);
        server.setHandler(WebSocketUpgradeHandler.from(server, container -> {
            container.setIdleTimeout(Duration.ofMinutes(10));
            container.addMapping("/", (ask, answer, done) -> new Quiet());
        }));
        server.start();
        System.out.println(connector.getLocalPort());
        server.join();
    }

    /** Hears messages and does nothing. */
    public static final class Quiet extends Session.Listener.AbstractAutoDemanding {
        @Override
        public void onWebSocketBinary(ByteBuffer payload, Callback callback) {
            callback.succeed();
        }
    }
}
