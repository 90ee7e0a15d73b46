package io.koshi.frame.internal;

/** A frame that was JSON or CBOR and yet says nothing. */
final class Malformed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String id;

    Malformed(String id, String message) {
        super(message, null, false, false);
        this.id = id;
    }

    /** The id of the frame, or {@link Wording#UNKNOWN}. */
    String id() {
        return id;
    }
}
