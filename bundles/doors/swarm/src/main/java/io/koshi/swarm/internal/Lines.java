package io.koshi.swarm.internal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/**
 * The lines that a client sends, as bytes. A line that is too long is not kept, but let go by to its end, so that the
 * client can be told and goes on. Confined to the client's thread.
 */
final class Lines {
    /** Longest line, in bytes. */
    static final int MOST = 8 << 20;

    private static final int SMALL = 16 << 10;
    private static final long MOST_SKIPPED = 256L << 20;

    private final Room room;
    private final long lineNanos;
    private ByteBuffer in = ByteBuffer.allocate(SMALL);
    private int searched;
    private long begunAt;
    private long skipped;
    private String fault;
    private Object faultId;
    private boolean ended;

    Lines(Room room, int lineSeconds) {
        this.room = room;
        this.lineNanos = TimeUnit.SECONDS.toNanos(lineSeconds);
    }

    /**
     * One line, or why it was let go by.
     *
     * @param id of the request in a line that was let go by, null where it is not known
     * @param fault null for a line that is here
     */
    record Line(byte[] bytes, Object id, String fault) {}

    /** Takes what the channel has. */
    void read(ReadableByteChannel channel) throws IOException {
        if (!in.hasRemaining() && (skipped > 0 || !grow())) {
            skip();
        }
        if (!half()) {
            begunAt = System.nanoTime();
        }
        ended = channel.read(in) < 0;
    }

    /** The next whole line, null when there is none; at the end of all the last one needs no end. */
    Line next() {
        int end = end();
        if (end < 0 && ended && in.position() > 0) {
            end = in.position();
        }
        if (end < 0) {
            return null;
        }
        Line line = new Line(Arrays.copyOf(in.array(), end), faultId, skipped > 0 ? fault : null);
        int left = Math.max(0, in.position() - end - 1);
        System.arraycopy(in.array(), in.position() - left, in.array(), 0, left);
        in.position(left);
        searched = 0;
        skipped = 0;
        faultId = null;
        begunAt = System.nanoTime();
        if (left == 0) {
            close();
        }
        return line;
    }

    /** Whether a line has begun and its end has not come, though it was asked for. */
    boolean half() {
        return in.position() > 0 || skipped > 0;
    }

    /** Why this half line is not waited for any longer, null while it is. */
    String overdue() {
        if (ended || !half() || end() >= 0) {
            return null;
        }
        if (skipped > MOST_SKIPPED) {
            return fault;
        }
        return System.nanoTime() - begunAt > lineNanos
                ? "a line must end within " + TimeUnit.NANOSECONDS.toSeconds(lineNanos) + " s"
                : null;
    }

    /** Whether the client sends no more. */
    boolean ended() {
        return ended;
    }

    /** Whether there is more to do than to wait for the client. */
    boolean more() {
        return ended || in.position() > 0;
    }

    /** Whether {@link #next} has a line. */
    boolean ready() {
        return end() >= 0 || ended && in.position() > 0;
    }

    /** Gives room back that long lines took. */
    void close() {
        if (in.capacity() > SMALL) {
            room.give(in.capacity() - SMALL);
            in = ByteBuffer.allocate(SMALL);
        }
    }

    /** False when the line is too long, or others have the room there is. */
    private boolean grow() {
        int wider = Math.min(in.capacity() * 4, MOST + 2);
        if (wider == in.capacity()) {
            fault = "a line has at most " + MOST + " bytes";
            return false;
        }
        if (!room.take(wider - in.capacity())) {
            fault = "the hub reads too many long lines now; send it again";
            return false;
        }
        in = ByteBuffer.allocate(wider).put(in.flip());
        return true;
    }

    private void skip() {
        if (skipped == 0) {
            faultId = PythonJson.id(new String(in.array(), 0, SMALL, StandardCharsets.UTF_8));
        }
        skipped += in.position();
        in.clear();
        searched = 0;
    }

    private int end() {
        byte[] bytes = in.array();
        for (int i = searched; i < in.position(); i++) {
            if (bytes[i] == '\n') {
                return i;
            }
        }
        searched = in.position();
        return -1;
    }
}
