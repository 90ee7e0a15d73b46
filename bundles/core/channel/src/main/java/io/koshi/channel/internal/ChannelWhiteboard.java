package io.koshi.channel.internal;

import io.koshi.api.Channel;
import io.koshi.api.ChannelName;
import io.koshi.event.Events;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Fills the {@link ChannelTable} with the channels that plugins offer, and says so on the bus. Thread-safe. */
@Component(
        name = "io.koshi.channel.whiteboard",
        service = {},
        immediate = true,
        configurationPolicy = ConfigurationPolicy.IGNORE)
public final class ChannelWhiteboard {
    private static final Logger log = LoggerFactory.getLogger(ChannelWhiteboard.class);
    private static final String SOURCE = "channel";
    private static final String PLUGIN = "koshi.plugin.name";

    private final ChannelTable table;
    private final Events events;

    @Activate
    public ChannelWhiteboard(@Reference ChannelTable table, @Reference Events events) {
        this.table = table;
        this.events = events;
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    void addChannel(Channel channel, Map<String, Object> properties) {
        String name = name(properties);
        if (name == null) {
            log.warn(
                    "A channel without {} is not used: {}",
                    ChannelName.PROPERTY,
                    channel.getClass().getName());
            return;
        }
        table.add(name, plugin(properties, name), channel);
        log.info("Channel {} is here", name);
        table.info(name).ifPresent(info -> events.publish(SOURCE, "channel.connected", ChannelMethods.View.of(info)));
    }

    void removeChannel(Channel channel, Map<String, Object> properties) {
        String name = name(properties);
        if (name != null) {
            table.remove(name, channel);
            log.info("Channel {} is gone; what is addressed to it waits", name);
            events.publish(SOURCE, "channel.disconnected", new Gone(name, plugin(properties, name)));
        }
    }

    /** Payload of {@code channel.disconnected}. */
    record Gone(String name, String plugin) {}

    private static String name(Map<String, Object> properties) {
        return properties.get(ChannelName.PROPERTY) instanceof String s && !s.isBlank() ? s : null;
    }

    private static String plugin(Map<String, Object> properties, String name) {
        return properties.get(PLUGIN) instanceof String s ? s : name;
    }
}
