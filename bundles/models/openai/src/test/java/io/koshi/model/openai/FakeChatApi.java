package io.koshi.model.openai;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Speaks the wire of chat completions on loopback, as told: whole, in pieces, cut off, late or never. */
final class FakeChatApi implements AutoCloseable {
    /** One answer, written to the socket by hand. */
    interface Answer {
        void write(OutputStream out, Socket socket) throws Exception;
    }

    record Request(String line, Map<String, String> headers, String body) {}

    private final ServerSocket server;
    private final BlockingQueue<Answer> answers = new LinkedBlockingQueue<>();
    private final BlockingQueue<Request> requests = new LinkedBlockingQueue<>();
    private final BlockingQueue<Socket> open = new LinkedBlockingQueue<>();

    FakeChatApi() {
        try {
            server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread thread = new Thread(this::serve, "fake-chat-api");
        thread.setDaemon(true);
        thread.start();
    }

    String endpoint() {
        return "http://127.0.0.1:" + server.getLocalPort();
    }

    void answer(Answer answer) {
        answers.add(answer);
    }

    /** A whole stream, each chunk of HTTP so many bytes. */
    void stream(String events, int chunk) {
        answer((out, socket) -> {
            head(out, 200, "content-type: text/event-stream; charset=utf-8", "transfer-encoding: chunked");
            byte[] bytes = events.getBytes(StandardCharsets.UTF_8);
            for (int i = 0; i < bytes.length; i += chunk) {
                chunk(out, bytes, i, Math.min(chunk, bytes.length - i));
            }
            out.write("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        });
    }

    /** Some of a stream, then what {@code then} does. */
    void begin(String events, Answer then) {
        answer((out, socket) -> {
            head(out, 200, "content-type: text/event-stream", "transfer-encoding: chunked");
            byte[] bytes = events.getBytes(StandardCharsets.UTF_8);
            chunk(out, bytes, 0, bytes.length);
            then.write(out, socket);
        });
    }

    /** An answer in one piece. */
    void json(int status, String body, String... headers) {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        answer((out, socket) -> {
            String[] all = java.util.Arrays.copyOf(headers, headers.length + 2);
            all[headers.length] = "content-type: application/json";
            all[headers.length + 1] = "content-length: " + bytes.length;
            head(out, status, all);
            out.write(bytes);
        });
    }

    Request request() throws InterruptedException {
        return requests.poll(10, TimeUnit.SECONDS);
    }

    int answersLeft() {
        return answers.size();
    }

    static void head(OutputStream out, int status, String... headers) throws IOException {
        out.write(("HTTP/1.1 " + status + " X\r\n" + String.join("\r\n", headers) + "\r\nconnection: close\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
        out.flush();
    }

    static void chunk(OutputStream out, byte[] bytes, int from, int length) throws IOException {
        out.write((Integer.toHexString(length) + "\r\n").getBytes(StandardCharsets.US_ASCII));
        out.write(bytes, from, length);
        out.write("\r\n".getBytes(StandardCharsets.US_ASCII));
        out.flush();
    }

    private void serve() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                open.add(socket);
                Thread thread = new Thread(() -> talk(socket), "fake-chat-api-connection");
                thread.setDaemon(true);
                thread.start();
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void talk(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            requests.add(read(socket.getInputStream()));
            answers.take().write(socket.getOutputStream(), socket);
            socket.getOutputStream().flush();
        } catch (Exception gone) {
            // the client may leave whenever it likes
        }
    }

    private static Request read(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        while (!head.toString(StandardCharsets.US_ASCII).endsWith("\r\n\r\n")) {
            int b = in.read();
            if (b < 0) {
                throw new IOException("no request");
            }
            head.write(b);
        }
        String[] lines = head.toString(StandardCharsets.US_ASCII).split("\r\n");
        Map<String, String> headers = new TreeMap<>();
        for (int i = 1; i < lines.length; i++) {
            int colon = lines[i].indexOf(':');
            headers.put(
                    lines[i].substring(0, colon).toLowerCase(Locale.ROOT),
                    lines[i].substring(colon + 1).strip());
        }
        byte[] body = in.readNBytes(Integer.parseInt(headers.getOrDefault("content-length", "0")));
        return new Request(lines[0], headers, new String(body, StandardCharsets.UTF_8));
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : open) {
            socket.close();
        }
    }
}
