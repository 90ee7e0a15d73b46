package io.koshi.ksi.internal;

/** Text that is no JSON, in the words of Python's json module. */
final class Malformed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Malformed(String message) {
        super(message, null, false, false);
    }
}
