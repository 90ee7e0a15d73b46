package io.koshi.testkit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** An HTTP server on loopback that answers as told: whole, as a stream in pieces, cut off, late or never. Thread-safe. */
public class ScriptedHttp implements AutoCloseable {
    /** One answer, written to the socket by hand. */
    public interface Answer {
        void write(OutputStream out, Socket socket) throws Exception;
    }

    public record Request(String line, Map<String, String> headers, String body) {}

    private final ServerSocket server;
    private final BlockingQueue<Answer> answers = new LinkedBlockingQueue<>();
    private final BlockingQueue<Request> requests = new LinkedBlockingQueue<>();
    private final BlockingQueue<Socket> open = new LinkedBlockingQueue<>();

    public ScriptedHttp() {
        try {
            server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread thread = new Thread(this::serve, "scripted-http");
        thread.setDaemon(true);
        thread.start();
    }

    public final String endpoint() {
        return "http://127.0.0.1:" + server.getLocalPort();
    }

    /** What the next request that has none yet is answered with. */
    public final void answer(Answer answer) {
        answers.add(answer);
    }

    /** A whole stream, each chunk of HTTP so many bytes. */
    public final void stream(String events, int chunk) {
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
    public final void begin(String events, Answer then) {
        answer((out, socket) -> {
            head(out, 200, "content-type: text/event-stream", "transfer-encoding: chunked");
            byte[] bytes = events.getBytes(StandardCharsets.UTF_8);
            chunk(out, bytes, 0, bytes.length);
            then.write(out, socket);
        });
    }

    /** An answer in one piece. */
    public final void json(int status, String body, String... headers) {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        answer((out, socket) -> {
            String[] all = Arrays.copyOf(headers, headers.length + 2);
            all[headers.length] = "content-type: application/json";
            all[headers.length + 1] = "content-length: " + bytes.length;
            head(out, status, all);
            out.write(bytes);
        });
    }

    /** The next request, once it is here. */
    public final Request request() throws InterruptedException {
        return Objects.requireNonNull(requests.poll(1, TimeUnit.MINUTES), "nobody asked");
    }

    /** How many answers nobody has asked for. */
    public final int answersLeft() {
        return answers.size();
    }

    /** Writes the head of an answer; the connection ends with the answer. */
    public static void head(OutputStream out, int status, String... headers) throws IOException {
        out.write(("HTTP/1.1 " + status + " X\r\n" + String.join("\r\n", headers) + "\r\nconnection: close\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
        out.flush();
    }

    /** Writes one chunk of an answer whose length is not known before. */
    public static void chunk(OutputStream out, byte[] bytes, int from, int length) throws IOException {
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
                Thread thread = new Thread(() -> talk(socket), "scripted-http-connection");
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
    public final void close() throws IOException {
        server.close();
        for (Socket socket : open) {
            socket.close();
        }
    }
}
