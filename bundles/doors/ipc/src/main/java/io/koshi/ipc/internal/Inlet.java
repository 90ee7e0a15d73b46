package io.koshi.ipc.internal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Cuts what a client sends into frames. The buffer grows with the bytes that came, never with a length that was only
 * promised. Confined to its connection's thread.
 */
final class Inlet {
    private static final int SMALL = 64 << 10;
    private static final int HEAD = 4;

    private ByteBuffer buffer = ByteBuffer.allocate(SMALL);
    private int taken;
    private long begun;

    /** Reads what is there; false at the end of the stream. */
    boolean read(ReadableByteChannel channel) throws IOException {
        boolean idle = buffer.position() == 0;
        if (!buffer.hasRemaining()) {
            buffer = ByteBuffer.allocate(buffer.capacity() * 2).put(buffer.flip());
        }
        int count = channel.read(buffer);
        if (count > 0 && idle) {
            begun = System.nanoTime();
        }
        return count >= 0;
    }

    /**
     * The next whole frame, without its length.
     *
     * @throws FrameTooLarge when a longer one than {@code max} is announced
     */
    Optional<byte[]> next(int max) throws FrameTooLarge {
        if (buffer.position() - taken < HEAD) {
            return Optional.empty();
        }
        long length = Integer.toUnsignedLong(buffer.getInt(taken));
        if (length > max) {
            throw new FrameTooLarge(length);
        }
        if (buffer.position() - taken - HEAD < length) {
            return Optional.empty();
        }
        byte[] frame = new byte[(int) length];
        buffer.get(taken + HEAD, frame);
        taken += HEAD + frame.length;
        return Optional.of(frame);
    }

    /** Moves what is left of an unfinished frame to the front. */
    void compact() {
        if (taken == 0) {
            return;
        }
        int left = buffer.position() - taken;
        ByteBuffer target = buffer.capacity() > SMALL && left < SMALL ? ByteBuffer.allocate(SMALL) : buffer;
        System.arraycopy(buffer.array(), taken, target.array(), 0, left);
        buffer = target.clear().position(left);
        taken = 0;
        begun = System.nanoTime();
    }

    /** Forgets all that came. */
    void discard() {
        buffer.clear();
        taken = 0;
    }

    /** Milliseconds since the first byte of the frame that is not whole yet; 0 between frames. */
    long unfinishedMs() {
        return buffer.position() == 0 ? 0 : Math.max(1, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun));
    }

    /** A client announced more than it may send. */
    static final class FrameTooLarge extends Exception {
        private static final long serialVersionUID = 1L;

        FrameTooLarge(long length) {
            super("a frame of " + length + " bytes", null, false, false);
        }
    }
}
