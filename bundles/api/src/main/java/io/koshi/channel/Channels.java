package io.koshi.channel;

import io.koshi.api.Channel;
import io.koshi.api.ChannelState;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.osgi.annotation.versioning.ProviderType;

/** The channels that are here now, by instance name. Thread-safe. */
@ProviderType
public interface Channels {
    /** Empty while the channel is not installed, not configured or being replaced. */
    Optional<Channel> find(String name);

    List<Info> list();

    /** Calls back with a channel's name when it comes or goes, until closed. */
    AutoCloseable onChange(Consumer<String> listener);

    /** @param since when it came */
    record Info(String name, String plugin, ChannelState state, Instant since) {}
}
