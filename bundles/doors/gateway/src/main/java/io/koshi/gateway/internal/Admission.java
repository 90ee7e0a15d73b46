package io.koshi.gateway.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.auth.Auth;
import io.koshi.config.Config;
import io.koshi.config.Settings;
import io.koshi.rpc.Caller;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Decides who may open a WebSocket: the Host is ours, the Origin (RFC 6454) is absent or the same host, loopback or
 * not, and the token in the Authorization header is good. Thread-safe.
 */
final class Admission {
    private static final Set<String> LOCAL = Set.of("localhost", "127.0.0.1", "[::1]", "::1");
    private static final Pattern TOKEN_IN_URL =
            Pattern.compile("(?:^|&)(?:access_)?(?:token|key|authorization)=", Pattern.CASE_INSENSITIVE);

    private final Auth auth;
    private final Settings settings;

    Admission(Auth auth, Settings settings) {
        this.auth = auth;
        this.settings = settings;
    }

    /** @throws KoshiException FORBIDDEN, INVALID_PARAMS for a token in the URL, UNAUTHORIZED or OVERLOADED */
    Caller check(HttpServletRequest ask) {
        String host = ask.getHeader("Host");
        if (!ours(host)) {
            throw new KoshiException(
                    ErrorCode.FORBIDDEN, "This hub answers on this machine only; connect to localhost or 127.0.0.1.");
        }
        String origin = ask.getHeader("Origin");
        if (origin != null && !same(origin, host)) {
            throw new KoshiException(
                    ErrorCode.FORBIDDEN, "Pages of " + origin + " may not connect to this hub; open its own page.");
        }
        if (ask.getQueryString() != null
                && TOKEN_IN_URL.matcher(ask.getQueryString()).find()) {
            throw KoshiException.invalid("", "a token never stands in a URL; send it as Authorization: Bearer");
        }
        return auth.bearer(ask.getHeader("Authorization"), ask.getRemoteAddr());
    }

    private boolean ours(String host) {
        Config.HttpBlock http = settings.config().http();
        if (host == null) {
            return false;
        }
        return http.proxy()
                || !LOCAL.contains(http.host().toLowerCase(Locale.ROOT))
                || LOCAL.contains(withoutPort(host.toLowerCase(Locale.ROOT)));
    }

    /** Whether an origin, {@code scheme://host[:port]}, names the host that is connected to. */
    private static boolean same(String origin, String host) {
        int scheme = origin.indexOf("://");
        if (scheme < 0) {
            return false;
        }
        String standard = origin.startsWith("https") ? ":443" : ":80";
        return explicit(origin.substring(scheme + 3), standard).equalsIgnoreCase(explicit(host, standard));
    }

    private static String explicit(String host, String port) {
        return withoutPort(host).equals(host) ? host + port : host;
    }

    private static String withoutPort(String host) {
        int colon = host.lastIndexOf(':');
        return colon > host.lastIndexOf(']') ? host.substring(0, colon) : host;
    }
}
