package io.koshi.hub;

import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/** Starting and ending of the hub as a whole. */
@ProviderType
public interface Lifecycle {
    /** Where the hub is in its life. */
    enum State {
        STARTING,
        READY,
        DRAINING
    }

    State state();

    /** Drains and ends the process: intake stops, running turns finish or are parked, plugins close. */
    void stop(String who);

    /** Names of parts that are still waited for, empty when ready. */
    List<String> waiting();
}
