package io.koshi.frame.internal;

/**
 * How much one connection may have going on.
 *
 * @param backlog bytes that may wait to be sent before no more is read and events are held back
 * @param inFlight requests that may be under way before no more is read
 */
record Limits(int backlog, int inFlight) {
    static final Limits USUAL = new Limits(1 << 20, 1024);
}
