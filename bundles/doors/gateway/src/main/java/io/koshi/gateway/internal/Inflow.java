package io.koshi.gateway.internal;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;

/**
 * Cuts what a client sends into messages, as RFC 6455, section 5 says: masked, in fragments or not, with control frames
 * between. What it keeps grows with the bytes that came, never with a length that was only promised. Confined to the
 * reading thread, but for {@link #unfinishedMs}.
 */
final class Inflow {
    static final int CONTINUATION = 0;
    static final int TEXT = 1;
    static final int BINARY = 2;
    static final int CLOSE = 8;
    static final int PING = 9;
    static final int PONG = 10;

    private static final int LONGEST_HEAD = 14;
    private static final int LONGEST_CONTROL = 125;
    private static final int SMALL = 512;
    private static final byte[] NOTHING = {};

    private final IntSupplier most;
    private final byte[] head = new byte[LONGEST_HEAD];
    private int headLength;

    private int opcode; // of the frame under way
    private boolean last;
    private int left; // of its payload
    private int taken; // of its payload
    private byte[] control = NOTHING;

    private int kind; // of the message under way, 0 between messages
    private final Utf8 text = new Utf8();
    private byte[] message = NOTHING;
    private int length; // of the message so far
    private volatile long begun; // 0 between frames

    /** Hears what came whole. */
    interface Sink {
        void message(boolean text, byte[] payload);

        void control(int opcode, byte[] payload) throws Violation;
    }

    /** @param most the longest message */
    Inflow(IntSupplier most) {
        this.most = most;
    }

    /** Milliseconds since the first byte of the message that is not whole yet; 0 between messages. */
    long unfinishedMs() {
        long since = begun;
        return since == 0 ? 0 : TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - since);
    }

    /** Takes all of these bytes. */
    void take(ByteBuffer in, Sink sink) throws Violation {
        while (in.hasRemaining()) {
            if (left == 0 && !head(in)) {
                break;
            }
            payload(in);
            if (left == 0) {
                headLength = 0;
                whole(sink);
            }
        }
        boolean between = headLength == 0 && kind == 0;
        if (between) {
            begun = 0;
        } else if (begun == 0) {
            begun = System.nanoTime();
        }
    }

    /** Reads the head of a frame; false while some of it is missing. */
    private boolean head(ByteBuffer in) throws Violation {
        while (true) {
            int need = need();
            if (headLength == 2) {
                check(); // before more is waited for: what is wrong here may be all that comes
            }
            if (headLength == need) {
                open();
                return true;
            }
            int count = Math.min(need - headLength, in.remaining());
            if (count == 0) {
                return false;
            }
            in.get(head, headLength, count);
            headLength += count;
        }
    }

    private int need() {
        if (headLength < 2) {
            return 2;
        }
        int size = head[1] & 127;
        return 2 + (size == 126 ? 2 : size == 127 ? 8 : 0) + 4;
    }

    private void check() throws Violation {
        opcode = head[0] & 15;
        last = head[0] < 0;
        if ((head[0] & 0x70) != 0) {
            throw new Violation(Violation.PROTOCOL, "No extension was agreed on.");
        }
        if ((head[1] & 0x80) == 0) {
            throw new Violation(Violation.PROTOCOL, "A client masks what it sends.");
        }
        if (opcode >= CLOSE) {
            if (opcode > PONG || !last || (head[1] & 127) > LONGEST_CONTROL) {
                throw new Violation(Violation.PROTOCOL, "This is no control frame.");
            }
        } else if (opcode > BINARY || (opcode == CONTINUATION) != (kind != 0)) {
            throw new Violation(Violation.PROTOCOL, "This frame is not expected here.");
        }
    }

    private void open() throws Violation {
        long size = size();
        if (size < 0) {
            throw new Violation(Violation.PROTOCOL, "The highest bit of a length is 0.");
        }
        if (opcode >= CLOSE) {
            control = new byte[(int) size];
        } else {
            if (size > most.getAsInt() - length) {
                throw new Violation(Violation.TOO_LARGE, "A message has at most " + most.getAsInt() + " bytes.");
            }
            if (opcode != CONTINUATION) {
                kind = opcode;
                text.begin();
            }
        }
        left = (int) size;
        taken = 0;
    }

    private long size() {
        int size = head[1] & 127;
        if (size < 126) {
            return size;
        }
        long value = 0;
        for (int i = 2; i < (size == 126 ? 4 : 10); i++) {
            value = value << 8 | head[i] & 255;
        }
        return value;
    }

    private void payload(ByteBuffer in) throws Violation {
        int count = Math.min(left, in.remaining());
        if (count == 0) {
            return;
        }
        byte[] into;
        int at;
        if (opcode >= CLOSE) {
            into = control;
            at = taken;
        } else {
            grow(count);
            into = message;
            at = length;
            length += count;
        }
        in.get(into, at, count);
        unmask(into, at, count);
        if (opcode < CLOSE && kind == TEXT && !text.take(into, at, at + count)) {
            throw noText();
        }
        taken += count;
        left -= count;
    }

    private void grow(int more) {
        if (message.length - length < more) {
            boolean whole = last && left == more; // all of it is here: keep exactly that
            int room = whole ? length + more : Math.max(length + more, Math.max(SMALL, message.length * 2));
            message = Arrays.copyOf(message, room);
        }
    }

    private void unmask(byte[] bytes, int from, int count) {
        int mask = headLength - 4;
        for (int i = 0; i < count; i++) {
            bytes[from + i] ^= head[mask + (taken + i & 3)];
        }
    }

    private void whole(Sink sink) throws Violation {
        if (opcode >= CLOSE) {
            sink.control(opcode, control);
            control = NOTHING;
        } else if (last) {
            boolean words = kind == TEXT;
            if (words && !text.whole()) {
                throw noText();
            }
            byte[] payload = message.length == length ? message : Arrays.copyOf(message, length);
            message = NOTHING;
            length = 0;
            kind = 0;
            begun = 0; // the next one has its own time, even if it begins in the same read
            sink.message(words, payload);
        }
    }

    private static Violation noText() {
        return new Violation(Violation.NO_TEXT, "A text message is UTF-8.");
    }
}
