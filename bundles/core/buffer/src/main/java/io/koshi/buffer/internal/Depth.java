package io.koshi.buffer.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How many entries of each channel wait to be routed, and whether that is too many. Thread-safe. */
final class Depth {
    private static final Logger LOG = LoggerFactory.getLogger(Depth.class);

    private final Map<String, long[]> channels = new TreeMap<>();
    private long unrouted;
    private boolean high;

    /** Adds to a channel's count, or takes from it. */
    synchronized void add(String channel, long entries) {
        channels.computeIfAbsent(channel, name -> new long[1])[0] += entries;
        unrouted += entries;
    }

    /** One channel's count. */
    record Channel(String channel, long unrouted) {}

    synchronized List<Channel> channels() {
        List<Channel> list = new ArrayList<>();
        channels.forEach((name, count) -> {
            if (count[0] > 0) {
                list.add(new Channel(name, count[0]));
            }
        });
        return list;
    }

    synchronized long unrouted() {
        return unrouted;
    }

    /** Whether more than {@code most} wait; says so in the log once each time it begins and ends. */
    synchronized boolean high(int most) {
        if (!high && unrouted > most) {
            high = true;
            LOG.warn(
                    "{} messages wait to be routed, more than buffer.warnDepth ({}): nothing is lost, but see with"
                            + " 'koshi buffer depth' what holds them up",
                    unrouted,
                    most);
        } else if (high && unrouted <= most - most / 10) {
            high = false;
            LOG.info("The buffer is below its warning depth again ({} messages wait)", unrouted);
        }
        return high;
    }
}
