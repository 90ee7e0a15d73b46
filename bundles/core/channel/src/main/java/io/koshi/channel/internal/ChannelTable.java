package io.koshi.channel.internal;

import io.koshi.api.Channel;
import io.koshi.api.ChannelState;
import io.koshi.channel.Channels;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The channels that are here now; of two that claim one name the newer serves. Thread-safe. */
@Component(
        name = "io.koshi.channel",
        service = {Channels.class, ChannelTable.class},
        configurationPolicy = ConfigurationPolicy.IGNORE)
public final class ChannelTable implements Channels {
    private static final Logger log = LoggerFactory.getLogger(ChannelTable.class);

    /** A channel and since when it is here. */
    record Present(Channel channel, String plugin, Instant since) {}

    private final Map<String, List<Present>> present = new TreeMap<>();
    private final CopyOnWriteArrayList<Consumer<String>> listeners = new CopyOnWriteArrayList<>();

    @Activate
    public ChannelTable() {}

    @Override
    public Optional<Channel> find(String name) {
        return newest(name).map(Present::channel);
    }

    @Override
    public List<Info> list() {
        List<Info> infos = new ArrayList<>();
        for (String name : names()) {
            newest(name).ifPresent(p -> infos.add(info(name, p)));
        }
        return infos;
    }

    /** How one channel stands; empty when it is not here. */
    Optional<Info> info(String name) {
        return newest(name).map(p -> info(name, p));
    }

    private static Info info(String name, Present p) {
        ChannelState state;
        try {
            state = p.channel().state();
        } catch (RuntimeException | LinkageError e) {
            state = ChannelState.down("it cannot say how it stands: " + e);
        }
        return new Info(name, p.plugin(), state, p.since());
    }

    @Override
    public AutoCloseable onChange(Consumer<String> listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    /** A plugin offers a channel. */
    public void add(String name, String plugin, Channel channel) {
        synchronized (present) {
            List<Present> same = present.computeIfAbsent(name, n -> new ArrayList<>(1));
            if (!same.isEmpty()) {
                log.warn("Two plugins offer channel {}; the one that came last serves: {}", name, plugin);
            }
            same.add(new Present(channel, plugin, Instant.now()));
        }
        tell(name);
    }

    /** A plugin takes its channel back. */
    public void remove(String name, Channel channel) {
        synchronized (present) {
            List<Present> same = present.getOrDefault(name, new ArrayList<>());
            same.removeIf(p -> p.channel() == channel);
            if (same.isEmpty()) {
                present.remove(name);
            }
        }
        tell(name);
    }

    private void tell(String name) {
        for (Consumer<String> listener : listeners) {
            try {
                listener.accept(name);
            } catch (RuntimeException e) {
                log.warn("A listener to channels failed", e);
            }
        }
    }

    private List<String> names() {
        synchronized (present) {
            return List.copyOf(present.keySet());
        }
    }

    private Optional<Present> newest(String name) {
        synchronized (present) {
            List<Present> same = present.get(name);
            return same == null ? Optional.empty() : Optional.of(same.get(same.size() - 1));
        }
    }
}
