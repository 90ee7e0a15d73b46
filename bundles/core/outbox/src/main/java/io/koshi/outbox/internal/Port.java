package io.koshi.outbox.internal;

import io.koshi.api.Address;
import io.koshi.api.Channel;
import io.koshi.api.ChannelState;
import io.koshi.api.Pools;
import io.koshi.channel.Channels;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One channel's traffic: takes the next conversation whose turn it is whenever the channel is connected
 * and has a slot free. Thread-safe.
 */
final class Port {
    private static final Logger log = LoggerFactory.getLogger(Port.class);
    private static final long FIRST_LOOK_MS = 100;
    private static final long LONGEST_LOOK_MS = 5_000;

    /** Delivers a lane's first reply through a channel; tells the port when the lane may go on. */
    @FunctionalInterface
    interface Carrier {
        void carry(Port port, Lane lane, Slots slots, Channel channel);
    }

    private final String name;
    private final Channels channels;
    private final Pools pools;
    private final Pace pace;
    private final Carrier carrier;

    private final Map<Address, Lane> lanes = new HashMap<>();
    private final Deque<Lane> fresh = new ArrayDeque<>();
    private final Deque<Lane> old = new ArrayDeque<>();
    private Slots slots = new Slots(null);
    private long nextOldAt;
    private long lookMs = FIRST_LOOK_MS;
    private boolean pumpDue;
    private boolean closed;

    Port(String name, Channels channels, Pools pools, Pace pace, Carrier carrier) {
        this.name = name;
        this.channels = channels;
        this.pools = pools;
        this.pace = pace;
        this.carrier = carrier;
    }

    /** There is a reply for a conversation. */
    void wake(Address to, boolean fromBefore) {
        synchronized (this) {
            Lane lane = lanes.computeIfAbsent(to, Lane::new);
            switch (lane.state) {
                case NEW -> {
                    lane.old = fromBefore;
                    ready(lane);
                }
                case RUNNING -> lane.again = true;
                case READY, PAUSED -> {
                    // its turn comes
                }
            }
        }
        pump();
    }

    /** The channel has come or is another one now: nothing needs to wait for its next try. */
    void arrived() {
        synchronized (this) {
            for (Lane lane : lanes.values()) {
                if (lane.state == Lane.State.PAUSED) {
                    lane.alarm.cancel(false);
                    ready(lane);
                }
            }
            lookMs = FIRST_LOOK_MS;
        }
        pump();
    }

    /** A lane's reply is dealt with; {@code idle} when the lane had none. */
    void proceed(Lane lane, boolean idle) {
        synchronized (this) {
            if (idle && !lane.again) {
                lanes.remove(lane.to);
            } else {
                lane.again = false;
                ready(lane);
            }
        }
        pump();
    }

    /** A lane's reply is to be tried again after a while. */
    void pause(Lane lane, Duration wait) {
        synchronized (this) {
            if (closed) {
                return;
            }
            lane.state = Lane.State.PAUSED;
            lane.alarm = pools.timer()
                    .schedule(
                            () -> pools.work().execute(() -> resume(lane)),
                            Math.max(1, wait.toMillis()),
                            TimeUnit.MILLISECONDS);
        }
    }

    private void resume(Lane lane) {
        synchronized (this) {
            if (lane.state != Lane.State.PAUSED) {
                return;
            }
            ready(lane);
        }
        pump();
    }

    /** A lane has nothing left from before the start. */
    synchronized void caughtUp(Lane lane) {
        lane.old = false;
    }

    /** A thread has left the channel. */
    void leave(Slots of) {
        synchronized (this) {
            of.busy--;
        }
        pump();
    }

    /** Takes nothing more in hand. */
    synchronized void close() {
        closed = true;
        lanes.values().forEach(lane -> {
            if (lane.alarm != null) {
                lane.alarm.cancel(false);
            }
        });
        lanes.clear();
        fresh.clear();
        old.clear();
    }

    private void ready(Lane lane) {
        lane.state = Lane.State.READY;
        (lane.old ? old : fresh).add(lane);
    }

    /** Starts as many deliveries as may be started now. */
    private void pump() {
        Channel channel = channels.find(name).orElse(null);
        boolean up = channel != null && connected(channel);
        List<Lane> starting = new ArrayList<>();
        Slots in;
        synchronized (this) {
            if (closed || (fresh.isEmpty() && old.isEmpty())) {
                return;
            }
            if (!up) {
                if (channel != null) {
                    pumpAfter(lookMs);
                    lookMs = Math.min(lookMs * 2, LONGEST_LOOK_MS);
                }
                return;
            }
            lookMs = FIRST_LOOK_MS;
            if (!slots.areOf(channel)) {
                slots = new Slots(channel);
            }
            in = slots;
            for (Lane lane = next(in); lane != null; lane = next(in)) {
                lane.state = Lane.State.RUNNING;
                in.busy++;
                starting.add(lane);
            }
        }
        starting.forEach(lane -> pools.work().execute(() -> carrier.carry(this, lane, in, channel)));
    }

    private Lane next(Slots in) {
        if (in.busy >= pace.parallel()) {
            return null;
        }
        if (!old.isEmpty()) {
            long now = System.nanoTime() / 1_000_000;
            if (nextOldAt <= now) {
                nextOldAt = now + pace.oldGapMillis();
                return old.poll();
            }
            pumpAfter(nextOldAt - now);
        }
        return fresh.poll();
    }

    private void pumpAfter(long millis) {
        if (!pumpDue) {
            pumpDue = true;
            pools.timer().schedule(() -> pools.work().execute(this::pumpOnTime), millis, TimeUnit.MILLISECONDS);
        }
    }

    private void pumpOnTime() {
        synchronized (this) {
            pumpDue = false;
        }
        pump();
    }

    private boolean connected(Channel channel) {
        try {
            return channel.state().link() == ChannelState.Link.CONNECTED;
        } catch (RuntimeException | LinkageError e) {
            log.warn("Channel {} cannot say how it stands: {}", name, e.toString());
            return false;
        }
    }
}
