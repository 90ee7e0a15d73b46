package io.koshi.frame;

/** How a frame is written; a guest is answered in the form it asks in. */
public enum Form {
    /** RFC 8259, UTF-8. */
    JSON,
    /** RFC 8949. */
    CBOR
}
