package io.koshi.service.web;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Speaks HTTP/1.1 on loopback by hand, as told for each path. */
final class FakeSite implements AutoCloseable {
    /** What is written for a path. */
    interface Page {
        void write(OutputStream out) throws Exception;
    }

    final List<String> requests = new CopyOnWriteArrayList<>();
    private final ServerSocket server;
    private final Map<String, Page> pages = new ConcurrentHashMap<>();

    FakeSite(ServerSocket server) {
        this.server = server;
        Thread thread = new Thread(this::serve, "fake-site");
        thread.setDaemon(true);
        thread.start();
    }

    int port() {
        return server.getLocalPort();
    }

    void page(String path, Page page) {
        pages.put(path, page);
    }

    void page(String path, String type, String body) {
        page(path, out -> write(out, 200, body.getBytes(StandardCharsets.UTF_8), "content-type: " + type));
    }

    void redirect(String path, String to) {
        page(path, out -> write(out, 302, new byte[0], "location: " + to));
    }

    static void write(OutputStream out, int status, byte[] body, String... headers) throws IOException {
        String head = "HTTP/1.1 " + status + " X\r\n" + String.join("\r\n", headers) + "\r\ncontent-length: "
                + body.length + "\r\n\r\n";
        out.write(head.getBytes(StandardCharsets.ISO_8859_1));
        out.write(body);
    }

    private void serve() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                Thread thread = new Thread(() -> talk(socket), "fake-site-connection");
                thread.setDaemon(true);
                thread.start();
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void talk(Socket socket) {
        try (socket) {
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
            StringBuilder head = new StringBuilder();
            for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
                head.append(line).append('\n');
            }
            requests.add(head.toString());
            String path = head.toString().split(" ")[1];
            pages.getOrDefault(path, out -> write(out, 404, "no such page".getBytes(StandardCharsets.UTF_8)))
                    .write(socket.getOutputStream());
            socket.getOutputStream().flush();
        } catch (Exception gone) {
            // the client may leave whenever it likes
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
