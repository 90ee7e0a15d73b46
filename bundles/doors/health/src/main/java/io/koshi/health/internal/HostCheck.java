package io.koshi.health.internal;

import io.koshi.config.Config;
import io.koshi.config.Settings;
import java.util.Locale;
import java.util.Set;

/**
 * Refuses names that are not this machine's on a loopback bind: a web page that rebinds its own name to 127.0.0.1
 * must learn nothing here. Thread-safe.
 */
final class HostCheck {
    private static final Set<String> LOCAL = Set.of("localhost", "127.0.0.1", "[::1]");

    private final Settings settings;

    HostCheck(Settings settings) {
        this.settings = settings;
    }

    /** @param header the Host header (RFC 9110 section 7.2), null where there was none */
    boolean allows(String header) {
        Config.HttpBlock http = settings.config().http();
        if (http.proxy() || !LOCAL.contains(literal(http.host()))) {
            return true;
        }
        return header != null && LOCAL.contains(withoutPort(header.toLowerCase(Locale.ROOT)));
    }

    private static String literal(String host) {
        return host.equals("::1") ? "[::1]" : host.toLowerCase(Locale.ROOT);
    }

    private static String withoutPort(String host) {
        int colon = host.lastIndexOf(':');
        return colon > host.lastIndexOf(']') ? host.substring(0, colon) : host;
    }
}
