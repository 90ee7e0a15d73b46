package io.koshi.listener.webhook;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import java.net.URI;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Keeps web pages away from a route that asks for no credential: a page that its owner's browser shows may post to
 * 127.0.0.1, and says so in {@code Origin}, or rebind its own name there, which shows in {@code Host}.
 */
final class LocalOnly {
    private static final Pattern LOCAL = Pattern.compile("localhost|127(\\.\\d{1,3}){3}|\\[::1]");

    private LocalOnly() {}

    /**
     * @param host the Host header (RFC 9110 section 7.2), may be null
     * @param origin the Origin header (RFC 6454 section 7), null where no browser asks
     * @throws KoshiException FORBIDDEN unless both name this machine
     */
    static void check(String host, String origin) {
        if (host == null || !isLocal("http://" + host) || origin != null && !isLocal(origin)) {
            throw new KoshiException(
                    ErrorCode.FORBIDDEN,
                    "a route with 'verify: none' is for programs of this machine, at localhost or 127.0.0.1; give the"
                            + " route a secret to open it to others");
        }
    }

    private static boolean isLocal(String address) {
        try {
            String name = URI.create(address).getHost();
            return name != null && LOCAL.matcher(name.toLowerCase(Locale.ROOT)).matches();
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
