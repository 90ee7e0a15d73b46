package io.koshi.service.web;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.zip.GZIPInputStream;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/**
 * Gets a URL by HTTP/1.1 over a connection of its own. The shared client cannot be used: it looks a name up by itself, and
 * what it finds may be another address than the one that was checked (DNS rebinding). Thread-safe.
 *
 * @param allowed which addresses may be connected to
 * @param limit for all of it, redirects included
 * @param maxBytes of the body, after which it is cut
 */
record Fetch(Target.Names names, Predicate<InetAddress> allowed, Duration limit, int maxBytes) {
    private static final int REDIRECTS = 5;
    private static final int MAX_LINE = 16 * 1024;
    private static final int MAX_HEADERS = 100;
    private static final int CONNECT_MILLIS = 10_000;

    /**
     * @param onward is told the host of each redirect, and throws where it may not be followed
     * @throws KoshiException with what went wrong, in the tool's own words
     */
    Answer get(String url, Consumer<String> onward) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        URI base = null;
        String next = url;
        for (int hop = 0; hop <= REDIRECTS; hop++) {
            if (base != null) {
                onward.accept(Target.host(base, next)); // before its name is looked up, which tells it too
            }
            Target target = Target.of(base, next, names, allowed);
            Answer answer = get(target, deadline);
            Optional<String> on = answer.redirect();
            if (on.isEmpty()) {
                return answer;
            }
            base = target.uri();
            next = on.get();
        }
        throw new KoshiException(ErrorCode.METHOD_ERROR, "it was redirected more than " + REDIRECTS + " times");
    }

    private Answer get(Target target, long deadline) throws InterruptedException {
        String host = target.uri().getHost();
        try (SocketChannel channel = SocketChannel.open()) {
            Socket plain = channel.socket(); // a channel's socket is one that an interrupt closes
            long left = (deadline - System.nanoTime()) / 1_000_000;
            plain.connect(new InetSocketAddress(target.address(), target.port()), (int)
                    Math.max(1, Math.min(CONNECT_MILLIS, left)));
            plain.setSoTimeout((int) Math.max(1, left));
            try (Socket socket =
                    target.uri().getScheme().equals("https") ? secure(plain, host, target.port()) : plain) {
                socket.getOutputStream().write(request(target.uri()).getBytes(StandardCharsets.US_ASCII));
                socket.getOutputStream().flush();
                return read(target.uri(), new BufferedInputStream(new Wire(socket, deadline)));
            }
        } catch (SocketTimeoutException e) {
            throw new KoshiException(
                    ErrorCode.TIMEOUT, "'" + host + "' did not answer within " + limit.toSeconds() + " s", e);
        } catch (ClosedByInterruptException e) {
            throw interrupted(e);
        } catch (SSLException e) {
            throw new KoshiException(
                    ErrorCode.METHOD_ERROR, "'" + host + "' cannot be talked to securely: " + e.getMessage(), e);
        } catch (IOException e) {
            if (Thread.interrupted()) {
                throw interrupted(e);
            }
            throw new KoshiException(ErrorCode.METHOD_ERROR, "'" + host + "' broke off: " + e.getMessage(), e);
        }
    }

    private static InterruptedException interrupted(IOException e) {
        Thread.interrupted();
        InterruptedException stopped = new InterruptedException("the fetch was stopped");
        stopped.initCause(e);
        return stopped;
    }

    /** The certificate must be the name's, though the address is connected to. */
    private static Socket secure(Socket plain, String host, int port) throws IOException {
        SSLSocket secure =
                (SSLSocket) ((SSLSocketFactory) SSLSocketFactory.getDefault()).createSocket(plain, host, port, true);
        SSLParameters parameters = secure.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        parameters.setApplicationProtocols(new String[] {"http/1.1"});
        secure.setSSLParameters(parameters);
        secure.startHandshake();
        return secure;
    }

    private static String request(URI uri) {
        String target = uri.getRawPath() + (uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery());
        String ascii = URI.create("x:" + target).toASCIIString().substring(2);
        return "GET " + ascii + " HTTP/1.1\r\nHost: " + uri.getRawAuthority()
                + "\r\nUser-Agent: Koshi\r\nAccept: text/html, text/*, application/json, */*;q=0.5\r\n"
                + "Accept-Encoding: gzip\r\nConnection: close\r\n\r\n";
    }

    private Answer read(URI uri, InputStream in) throws IOException {
        int status;
        Map<String, String> headers;
        do {
            status = status(Wire.line(in, MAX_LINE));
            headers = headers(in);
        } while (status / 100 == 1); // 100 Continue, 103 Early Hints
        InputStream body = body(in, headers);
        byte[] bytes = body.readNBytes(maxBytes + 1);
        boolean cut = bytes.length > maxBytes;
        return new Answer(uri, status, headers, cut ? Arrays.copyOf(bytes, maxBytes) : bytes, cut);
    }

    private static int status(String line) throws IOException {
        if (!line.matches("HTTP/1\\.[01] [1-5]\\d\\d( .*)?")) {
            throw new IOException("it does not speak HTTP/1.1");
        }
        return Integer.parseInt(line.substring(9, 12));
    }

    private static Map<String, String> headers(InputStream in) throws IOException {
        Map<String, String> headers = new TreeMap<>();
        int count = 0;
        for (String line = Wire.line(in, MAX_LINE); !line.isEmpty(); line = Wire.line(in, MAX_LINE)) {
            int colon = line.indexOf(':');
            if (++count > MAX_HEADERS) {
                throw new IOException("the answer has too many headers");
            }
            if (colon > 0) {
                headers.putIfAbsent(
                        line.substring(0, colon).strip().toLowerCase(Locale.ROOT),
                        line.substring(colon + 1).strip());
            }
        }
        return headers;
    }

    private static InputStream body(InputStream in, Map<String, String> headers) throws IOException {
        InputStream body = headers.getOrDefault("transfer-encoding", "")
                        .toLowerCase(Locale.ROOT)
                        .contains("chunked")
                ? new ChunkedStream(in)
                : limited(in, headers.get("content-length"));
        return headers.getOrDefault("content-encoding", "")
                        .toLowerCase(Locale.ROOT)
                        .contains("gzip")
                ? new GZIPInputStream(body)
                : body;
    }

    /** As long as it says; to the connection's end where nothing readable is said. */
    private static InputStream limited(InputStream in, String length) {
        if (length == null || !length.matches("\\d{1,18}")) {
            return in;
        }
        return new InputStream() {
            private long left = Long.parseLong(length);

            @Override
            public int read() throws IOException {
                return left-- > 0 ? in.read() : -1;
            }

            @Override
            public int read(byte[] bytes, int from, int most) throws IOException {
                if (left <= 0) {
                    return -1;
                }
                int read = in.read(bytes, from, (int) Math.min(most, left));
                left -= Math.max(0, read);
                return read;
            }
        };
    }
}
