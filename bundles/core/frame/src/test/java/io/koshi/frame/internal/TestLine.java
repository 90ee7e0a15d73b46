package io.koshi.frame.internal;

import io.koshi.codec.Codec;
import io.koshi.frame.Form;
import io.koshi.frame.Line;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A client's end: keeps the frames that were sent and flushed; may stop reading. */
final class TestLine implements Line {
    private final Codec codec;
    private final List<Map<?, ?>> unflushed = new ArrayList<>();
    private final BlockingQueue<Map<?, ?>> read = new LinkedBlockingQueue<>();
    private long waiting;
    volatile boolean deaf;
    volatile int closedWith;
    volatile Form form;

    TestLine(Codec codec) {
        this.codec = codec;
    }

    @Override
    public synchronized void send(Form as, byte[] frame) {
        form = as;
        waiting += frame.length;
        unflushed.add((Map<?, ?>) (as == Form.JSON ? codec.parseJson(frame) : codec.parseCbor(frame)));
    }

    @Override
    public synchronized void flush() {
        if (!deaf) {
            read.addAll(unflushed);
            unflushed.clear();
            waiting = 0;
        }
    }

    @Override
    public synchronized long waiting() {
        return waiting;
    }

    @Override
    public void close(int code, String reason) {
        closedWith = code;
    }

    /** The next frame; fails after a while. */
    Map<?, ?> next() throws InterruptedException {
        Map<?, ?> frame = read.poll(1, TimeUnit.MINUTES);
        if (frame == null) {
            throw new AssertionError("nothing came");
        }
        return frame;
    }

    boolean silent() throws InterruptedException {
        return read.poll(50, TimeUnit.MILLISECONDS) == null;
    }
}
