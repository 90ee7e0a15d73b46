package io.koshi.gateway.internal;

import io.koshi.frame.Form;
import io.koshi.frame.Guest;
import io.koshi.frame.Line;
import io.koshi.rpc.Caller;

/** {@code /gateway}: frames both ways, JSON in text messages and CBOR in binary ones. As {@link Hearer} says. */
final class FrameHearer implements Hearer, Line {
    private final Peers peers;
    private final Caller caller;
    private volatile Peer peer;
    private volatile Guest guest;
    private Form form = Form.JSON; // of the newest message; confined to the reading thread

    FrameHearer(Peers peers, Caller caller) {
        this.peers = peers;
        this.caller = caller;
    }

    @Override
    public void opened(Peer opened) {
        peer = opened;
        guest = peers.frames().open(caller, "gateway", this, stirred -> opened.stir());
    }

    @Override
    public void message(Peer from, boolean text, byte[] payload) {
        form = text ? Form.JSON : Form.CBOR;
        guest.take(form, payload);
    }

    @Override
    public void settle() {
        guest.settle();
    }

    @Override
    public void drained() {
        guest.drained();
    }

    @Override
    public boolean full() {
        return guest.full();
    }

    @Override
    public boolean idle() {
        Guest now = guest;
        return now == null || now.idle();
    }

    @Override
    public void tooLarge(Peer from) {
        send(form, peers.frames().tooLarge(form));
    }

    @Override
    public void closed(int code, String reason) {
        Guest left = guest;
        if (left != null) {
            left.close();
        }
    }

    @Override
    public void send(Form as, byte[] frame) {
        peer.send(as == Form.JSON, frame);
    }

    @Override
    public void flush() {
        peer.flush();
    }

    @Override
    public long waiting() {
        return peer.waiting();
    }

    @Override
    public void close(int code, String reason) {
        peer.close(code, reason);
    }
}
