package io.koshi.service.web;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Where a request goes: an address that was checked, and to which it is connected; the name is not looked up again.
 *
 * @param uri absolute, http or https, without a fragment
 */
record Target(URI uri, InetAddress address, int port) {
    private static final Set<Integer> LOW_PORTS = Set.of(80, 443);
    private static final int FIRST_FREE_PORT = 1024;

    /** Looks names up. */
    interface Names {
        InetAddress[] addresses(String host) throws UnknownHostException;
    }

    /**
     * Checks a URL and every address its name has.
     *
     * @param base what a relative one is relative to, null where there is none
     * @param allowed which addresses may be connected to
     * @throws KoshiException FORBIDDEN when one of them may not, INVALID_PARAMS when it is no URL to fetch, NOT_FOUND when
     *     nobody has that name
     */
    static Target of(URI base, String url, Names names, Predicate<InetAddress> allowed) {
        URI uri = parse(base, url);
        int port = uri.getPort() >= 0 ? uri.getPort() : uri.getScheme().equals("https") ? 443 : 80;
        if (port < FIRST_FREE_PORT && !LOW_PORTS.contains(port) || port > 65535) {
            throw forbidden("port " + port + " is none of the web's");
        }
        try {
            String host = uri.getHost();
            InetAddress[] all = names.addresses(host.startsWith("[") ? host.substring(1, host.length() - 1) : host);
            for (InetAddress address : all) {
                if (!allowed.test(address)) {
                    throw forbidden("'" + host + "' is not on the public internet");
                }
            }
            return new Target(uri, all[0], port);
        } catch (UnknownHostException e) {
            throw new KoshiException(ErrorCode.NOT_FOUND, "nobody has the name '" + uri.getHost() + "'", e);
        }
    }

    /** @throws KoshiException as {@link #of}, but for what only a look at the name's addresses can tell */
    static String host(String url) {
        return host(null, url);
    }

    static String host(URI base, String url) {
        return plain(parse(base, url).getHost());
    }

    /** A host's name as it is compared: in lower case, without the root's dot. */
    static String plain(String host) {
        return host.toLowerCase(Locale.ROOT).replaceFirst("\\.$", "");
    }

    private static URI parse(URI base, String url) {
        try {
            URI given = new URI(url.strip().replace(" ", "%20"));
            URI whole = base == null ? given : base.resolve(given);
            String scheme = String.valueOf(whole.getScheme()).toLowerCase(Locale.ROOT);
            if (!scheme.equals("http") && !scheme.equals("https")) {
                throw forbidden("only http and https are fetched, not '" + scheme + "'");
            }
            if (whole.getHost() == null) {
                throw KoshiException.invalid("/url", "names no host");
            }
            if (whole.getRawUserInfo() != null) {
                throw forbidden("a URL with a user or password in it is not fetched");
            }
            String path = whole.getRawPath() == null || whole.getRawPath().isEmpty() ? "/" : whole.getRawPath();
            String query = whole.getRawQuery() == null ? "" : "?" + whole.getRawQuery();
            return new URI(scheme + "://" + whole.getRawAuthority().toLowerCase(Locale.ROOT) + path + query);
        } catch (URISyntaxException e) {
            throw KoshiException.invalid("/url", "is no URL: " + e.getReason());
        }
    }

    private static KoshiException forbidden(String why) {
        return new KoshiException(ErrorCode.FORBIDDEN, why);
    }
}
