package io.koshi.gateway.internal;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.koshi.api.KoshiException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.function.UnaryOperator;

/** The opening handshake of RFC 6455, section 4.2. */
final class Handshake {
    private static final String MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; // RFC 6455, 1.3
    private static final int NONCE = 16;

    private Handshake() {}

    /**
     * What the server answers as Sec-WebSocket-Accept.
     *
     * @param header the value of a header by its name, null where there is none
     * @throws KoshiException INVALID_PARAMS for what is no handshake of a WebSocket client
     */
    static String accept(String method, UnaryOperator<String> header) {
        boolean asked = "GET".equals(method)
                && names(header.apply("Upgrade"), "websocket")
                && names(header.apply("Connection"), "upgrade")
                && "13".equals(header.apply("Sec-WebSocket-Version"));
        String key = header.apply("Sec-WebSocket-Key");
        if (!asked || key == null || !nonce(key.strip())) {
            throw KoshiException.invalid("", "this is a WebSocket: connect to it as RFC 6455 says, version 13");
        }
        try {
            byte[] sum = MessageDigest.getInstance("SHA-1").digest((key.strip() + MAGIC).getBytes(US_ASCII));
            return Base64.getEncoder().encodeToString(sum);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java has it
        }
    }

    private static boolean names(String header, String word) {
        if (header != null) {
            for (String each : header.split(",")) {
                if (each.strip().equalsIgnoreCase(word)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean nonce(String key) {
        try {
            return Base64.getDecoder().decode(key).length == NONCE;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
