package io.koshi.auth.internal;

import io.koshi.api.Body;
import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.auth.Knock;
import io.koshi.config.Config;
import io.koshi.config.Settings;
import java.util.Locale;
import java.util.Set;

/**
 * Tells our own pages and programs from pages of others: a web page that rebinds its name to 127.0.0.1 (the Host is
 * then foreign) or that calls us from elsewhere (the Origin is) is turned away. Thread-safe.
 */
final class Doorway {
    private static final Set<String> LOCAL = Set.of("localhost", "127.0.0.1", "[::1]", "::1");

    private final Settings settings;

    Doorway(Settings settings) {
        this.settings = settings;
    }

    /** @throws KoshiException FORBIDDEN for Host and Origin, INVALID_PARAMS for a credential in the URL */
    void check(Knock knock) {
        if (!ours(knock.host())) {
            throw new KoshiException(
                    ErrorCode.FORBIDDEN, "this hub answers on this machine only; connect to localhost or 127.0.0.1");
        }
        if (knock.origin() != null && !same(knock.origin(), knock.host())) {
            throw new KoshiException(
                    ErrorCode.FORBIDDEN, "pages of other hosts may not talk to this hub; open its own page");
        }
        Body.refuseQueryToken(knock.query());
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
