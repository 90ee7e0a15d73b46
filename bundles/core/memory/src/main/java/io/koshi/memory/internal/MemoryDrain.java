package io.koshi.memory.internal;

import io.koshi.config.Config.SleepMode;
import io.koshi.hub.Drain;
import java.time.Duration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/** Sleeps once more before the hub ends, so that what was learned today is in place tomorrow. Thread-safe. */
@Component(name = "io.koshi.memory.drain", service = Drain.class, configurationPolicy = ConfigurationPolicy.IGNORE)
public final class MemoryDrain implements Drain {
    private static final int AFTER_TURNS = 35;
    private static final Duration LONGEST = Duration.ofSeconds(2);

    private final Recollection memories;

    @Activate
    public MemoryDrain(@Reference Recollection memories) {
        this.memories = memories;
    }

    @Override
    public int phase() {
        return AFTER_TURNS;
    }

    @Override
    public void drain(Duration limit) {
        if (memories.config().sleep().mode() != SleepMode.OFF) {
            memories.sleep(limit.compareTo(LONGEST) < 0 ? limit : LONGEST);
        }
    }
}
