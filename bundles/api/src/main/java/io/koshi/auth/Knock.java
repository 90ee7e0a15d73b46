package io.koshi.auth;

import java.util.function.UnaryOperator;

/**
 * What an HTTP request or WebSocket upgrade shows at the door, as it came; every one of these may be null but the
 * method and the peer.
 *
 * @param method {@code GET}, {@code POST} and so on (RFC 9110)
 * @param host the Host header
 * @param origin the Origin header (RFC 6454), which browsers send
 * @param query the query string
 * @param authorization the Authorization header
 * @param cookie the Cookie header
 * @param remote the peer's address
 */
public record Knock(
        String method, String host, String origin, String query, String authorization, String cookie, String remote) {

    /**
     * Of a request.
     *
     * @param header the value of a header by its name, null where there is none
     */
    public static Knock of(String method, String query, String remote, UnaryOperator<String> header) {
        return new Knock(
                method,
                header.apply("Host"),
                header.apply("Origin"),
                query,
                header.apply("Authorization"),
                header.apply("Cookie"),
                remote);
    }
}
