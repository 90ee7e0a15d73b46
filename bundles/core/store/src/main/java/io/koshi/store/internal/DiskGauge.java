package io.koshi.store.internal;

import io.koshi.config.Settings;
import java.io.File;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How much room the disk has, looked at no more than once a second. Thread-safe. */
final class DiskGauge {
    private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final Logger LOG = LoggerFactory.getLogger(DiskGauge.class);

    private final Settings settings;
    private final File directory;
    private volatile Look look;

    DiskGauge(Settings settings, File directory) {
        this.settings = settings;
        this.directory = directory;
    }

    /** What was seen when. */
    private record Look(long at, long free, boolean tight) {}

    long free() {
        return look().free();
    }

    boolean tight() {
        return look().tight();
    }

    private Look look() {
        Look known = look;
        if (known != null && System.nanoTime() - known.at() < FRESH_NANOS) {
            return known;
        }
        synchronized (this) {
            if (look == known) {
                look = measure(known);
            }
            return look;
        }
    }

    private Look measure(Look before) {
        long free = directory.getUsableSpace();
        int least = settings.config().store().minFreeMB();
        boolean tight = free >> 20 < least;
        boolean was = before != null && before.tight();
        if (tight && !was) {
            LOG.warn(
                    "The disk of {} has {} MB left, less than store.minFreeMB ({}): new memories and webhooks are"
                            + " refused until there is room",
                    directory,
                    free >> 20,
                    least);
        } else if (was && !tight) {
            LOG.info("The disk of {} has room again ({} MB)", directory, free >> 20);
        }
        return new Look(System.nanoTime(), free, tight);
    }
}
