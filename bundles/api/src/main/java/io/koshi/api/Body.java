package io.koshi.api;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Arrays;

/** Reads a request's body within bounds of size and time, before anything about it is believed. */
public final class Body {
    /** What is set aside before bytes have come; more only as they do, whatever a header announces. */
    private static final int FIRST = 64 * 1024;

    private Body() {}

    /** Opens a body when it is wanted: a servlet's stream asks a client that waits for it (100 Continue). */
    @FunctionalInterface
    public interface Opening {
        InputStream open() throws IOException;
    }

    /**
     * Reads all of a body, and does not open one that is announced too large.
     *
     * @see #read(InputStream, long, long, Duration)
     */
    public static byte[] read(Opening body, long maxBytes, long contentLength, Duration limit) throws IOException {
        if (contentLength > maxBytes) {
            throw tooLarge(maxBytes);
        }
        return read(body.open(), maxBytes, contentLength, limit);
    }

    /**
     * Reads all of a body.
     *
     * @param maxBytes the most it may have
     * @param contentLength what the request announces, -1 when it does not
     * @param limit the longest all of it may take; looked at between reads, so the server's own time-out
     *     for one read adds to it
     * @throws KoshiException TOO_LARGE before a byte is read when the announced length says so, else as
     *     soon as it is; TIMEOUT; PARSE_ERROR when it ends before the announced length
     * @throws IOException when the connection breaks
     */
    public static byte[] read(InputStream in, long maxBytes, long contentLength, Duration limit) throws IOException {
        if (contentLength > maxBytes) {
            throw tooLarge(maxBytes);
        }
        long deadline = System.nanoTime() + limit.toNanos();
        byte[] bytes = new byte[(int) Math.min(contentLength < 0 ? 8192 : Math.max(1, contentLength), FIRST)];
        int size = 0;
        while (true) {
            int read = readSome(in, bytes, size);
            if (read < 0) {
                break;
            }
            size += read;
            if (size > maxBytes) {
                throw tooLarge(maxBytes);
            }
            if (size == contentLength) {
                break;
            }
            if (System.nanoTime() - deadline > 0) {
                throw new KoshiException(
                        ErrorCode.TIMEOUT, "the body took longer than " + limit.toSeconds() + " s: send it faster");
            }
            if (size == bytes.length) {
                bytes = Arrays.copyOf(bytes, (int) Math.min(2L * size, Math.max(contentLength, maxBytes + 1)));
            }
        }
        if (size < contentLength) {
            throw endedEarly();
        }
        return size == bytes.length ? bytes : Arrays.copyOf(bytes, size);
    }

    private static int readSome(InputStream in, byte[] bytes, int size) throws IOException {
        try {
            return in.read(bytes, size, bytes.length - size);
        } catch (IOException e) {
            if (e instanceof EOFException || e.getCause() instanceof EOFException) { // servers wrap their own
                throw endedEarly();
            }
            throw e;
        }
    }

    /**
     * Refuses a credential in a query string, where logs and proxies would keep it.
     *
     * @param query may be null
     * @throws KoshiException INVALID_PARAMS when one of its parameters is named like a token
     */
    public static void refuseQueryToken(String query) {
        if (query == null) {
            return;
        }
        for (String name :
                new String[] {"token", "access_token", "api_key", "apikey", "secret", "authorization", "bearer"}) {
            int at = -1;
            while ((at = query.indexOf(name, at + 1)) >= 0) {
                int end = at + name.length();
                boolean starts = at == 0 || query.charAt(at - 1) == '&';
                boolean ends = end == query.length() || query.charAt(end) == '=' || query.charAt(end) == '&';
                if (starts && ends) {
                    throw KoshiException.invalid(
                            "", "a credential has no place in a URL: send '" + name + "' in a header");
                }
            }
        }
    }

    private static KoshiException tooLarge(long maxBytes) {
        return new KoshiException(ErrorCode.TOO_LARGE, "a body here has at most " + maxBytes + " bytes");
    }

    private static KoshiException endedEarly() {
        return new KoshiException(ErrorCode.PARSE_ERROR, "the body ended before its announced length");
    }
}
