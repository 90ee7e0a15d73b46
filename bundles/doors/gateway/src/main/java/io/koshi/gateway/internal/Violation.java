package io.koshi.gateway.internal;

/** What a client did that ends its connection, with a code of RFC 6455, 7.4.1. */
final class Violation extends Exception {
    private static final long serialVersionUID = 1L;

    static final int PROTOCOL = 1002;
    static final int NO_TEXT = 1007;
    static final int TOO_LARGE = 1009;

    private final int code;

    Violation(int code, String reason) {
        super(reason, null, false, false);
        this.code = code;
    }

    int code() {
        return code;
    }
}
