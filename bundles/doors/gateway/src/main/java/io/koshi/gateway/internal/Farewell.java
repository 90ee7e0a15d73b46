package io.koshi.gateway.internal;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * What a close frame says (RFC 6455, 5.5.1 and 7.4).
 *
 * @param code 1005 where it says none
 */
record Farewell(int code, String reason) {
    private static final int NO_CODE = 1005;

    /** @throws Violation for a code that nobody may send, and a reason that is no text */
    static Farewell of(byte[] payload) throws Violation {
        if (payload.length == 0) {
            return new Farewell(NO_CODE, "");
        }
        if (payload.length == 1) {
            throw new Violation(Violation.PROTOCOL, "A close frame has a code or nothing.");
        }
        int code = (payload[0] & 255) << 8 | payload[1] & 255;
        if (!known(code)) {
            throw new Violation(Violation.PROTOCOL, "Nobody closes with the code " + code + ".");
        }
        Utf8 text = new Utf8();
        if (!text.take(payload, 2, payload.length) || !text.whole()) {
            throw new Violation(Violation.NO_TEXT, "A reason is UTF-8.");
        }
        return new Farewell(code, new String(payload, 2, payload.length - 2, UTF_8));
    }

    /** Of the standard and its registry, of libraries, of programs; the others are never sent. */
    private static boolean known(int code) {
        return code >= 1000 && code <= 1003 || code >= 1007 && code <= 1014 || code >= 3000 && code <= 4999;
    }
}
