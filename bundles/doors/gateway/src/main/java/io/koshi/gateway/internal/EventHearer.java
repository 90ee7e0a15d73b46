package io.koshi.gateway.internal;

import io.koshi.api.KoshiException;
import io.koshi.codec.Codec;
import io.koshi.rpc.Caller;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * {@code /ws}: events only. The first message subscribes, {@code {"topics":[…],"since":…}}; any other ends the
 * connection. As {@link Hearer} says.
 */
final class EventHearer implements Hearer {
    private final FrameHearer frames;
    private final Codec codec;
    private boolean asked; // confined to the reading thread

    EventHearer(Peers peers, Caller caller, Codec codec) {
        this.frames = new FrameHearer(peers, caller);
        this.codec = codec;
    }

    @Override
    public void opened(Peer peer) {
        frames.opened(peer);
    }

    @Override
    public void message(Peer peer, boolean text, byte[] payload) {
        if (asked) {
            peer.close(Peer.POLICY, "Only the first message is heard here; /gateway takes requests.");
            return;
        }
        asked = true;
        Map<String, Object> request = new LinkedHashMap<>();
        request.put("type", "req");
        request.put("id", "subscribe");
        request.put("method", "gateway.subscribe");
        try {
            Object told = text ? codec.parseJson(payload) : codec.parseCbor(payload);
            request.put(
                    "params", told instanceof Map<?, ?> map && map.containsKey("params") ? map.get("params") : told);
        } catch (KoshiException e) {
            frames.message(peer, text, payload); // which says what is wrong
            return;
        }
        frames.message(peer, text, text ? codec.json(request) : codec.cbor(request));
    }

    @Override
    public void settle() {
        frames.settle();
    }

    @Override
    public void drained() {
        frames.drained();
    }

    @Override
    public boolean full() {
        return frames.full();
    }

    @Override
    public void tooLarge(Peer peer) {
        frames.tooLarge(peer);
    }

    @Override
    public void closed(int code, String reason) {
        frames.closed(code, reason);
    }
}
