package io.koshi.rest.internal;

import io.koshi.api.Body;
import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.auth.Knock;
import io.koshi.codec.Codec;
import io.koshi.rpc.Registry;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a request says, read in the order in which it may be believed. */
final class Ask {
    /** How long a body may take. */
    static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final Pattern WAIT = Pattern.compile("(?:^|[,;\\s])wait=(\\d{1,6})(?:$|[,;\\s])");

    private Ask() {}

    static Knock knock(HttpServletRequest ask) {
        return Knock.of(ask.getMethod(), ask.getQueryString(), ask.getRemoteAddr(), ask::getHeader);
    }

    /** Whether it only looks; a HEAD is answered like a GET, and the server leaves the body out. */
    static boolean looks(HttpServletRequest ask) {
        return ask.getMethod().equals("GET") || ask.getMethod().equals("HEAD");
    }

    /** The method a path names: {@code /session/list} is {@code session.list}; empty for none. */
    static String method(String path) {
        return path == null || path.length() < 2 ? "" : path.substring(1).replace('/', '.');
    }

    /** How long the caller waits, by {@code Prefer: wait=SECONDS} (RFC 7240). */
    static Duration deadline(HttpServletRequest ask) {
        String prefer = ask.getHeader("Prefer");
        Matcher wait = prefer == null ? null : WAIT.matcher(prefer.toLowerCase(Locale.ROOT));
        return wait == null || !wait.find()
                ? Registry.DEADLINE
                : Duration.ofSeconds(Math.max(1, Math.min(3600, Integer.parseInt(wait.group(1)))));
    }

    /** @throws KoshiException PARSE_ERROR for a body that does not say it is JSON */
    static void mustBeJson(HttpServletRequest ask) {
        String type = ask.getContentType();
        if (type != null && !type.toLowerCase(Locale.ROOT).matches("application/(?:[a-z.-]+\\+)?json(?:\\s*;.*)?")) {
            throw new KoshiException(ErrorCode.PARSE_ERROR, "send the parameters as application/json");
        }
        if (ask.getHeader("Content-Encoding") != null) {
            throw new KoshiException(ErrorCode.PARSE_ERROR, "send the body as it is, without a Content-Encoding");
        }
    }

    static byte[] body(HttpServletRequest ask, long maxBytes) throws IOException {
        return Body.read(ask::getInputStream, maxBytes, ask.getContentLengthLong(), PATIENCE);
    }

    /** An object; none for an empty body. */
    @SuppressWarnings("unchecked")
    static Map<String, Object> params(Codec codec, byte[] body) {
        if (body.length == 0) {
            return Map.of();
        }
        if (codec.parseJson(body) instanceof Map<?, ?> params) {
            return (Map<String, Object>) params;
        }
        throw KoshiException.invalid("", "the body is one JSON object, the method's parameters");
    }
}
