package io.koshi.hub.internal;

import static org.osgi.service.component.annotations.ReferenceCardinality.MULTIPLE;
import static org.osgi.service.component.annotations.ReferencePolicy.DYNAMIC;

import io.koshi.api.Health;
import io.koshi.buffer.Buffer;
import io.koshi.channel.Channels;
import io.koshi.hub.Drain;
import io.koshi.hub.Traced;
import io.koshi.outbox.Outbox;
import io.koshi.plugin.Plugins;
import io.koshi.store.Store;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/** Notes which parts come and go; the hub lives with any of them missing. Thread-safe. */
@Component(
        name = "io.koshi.hub.whiteboard",
        service = {},
        immediate = true,
        configurationPolicy = ConfigurationPolicy.IGNORE)
public final class PartWhiteboard {
    private final PartTable parts;

    @Activate
    public PartWhiteboard(@Reference PartTable parts) {
        this.parts = parts;
    }

    @Reference(cardinality = MULTIPLE, policy = DYNAMIC)
    void addHealth(ServiceReference<Health> from, Health health) {
        String bundle = from.getBundle().getSymbolicName();
        parts.add(key(Health.class, health), new PartTable.Part(health, bundle.matches("io\\.koshi\\.[a-z]+")));
    }

    void removeHealth(Health health) {
        parts.remove(key(Health.class, health));
    }

    @Reference(cardinality = MULTIPLE, policy = DYNAMIC)
    void addDrain(Drain drain) {
        add(Drain.class, drain);
    }

    void removeDrain(Drain drain) {
        parts.remove(key(Drain.class, drain));
    }

    @Reference(cardinality = MULTIPLE, policy = DYNAMIC)
    void addTraced(Traced traced) {
        add(Traced.class, traced);
    }

    void removeTraced(Traced traced) {
        parts.remove(key(Traced.class, traced));
    }

    @Reference(cardinality = MULTIPLE, policy = DYNAMIC)
    void addChannels(Channels channels) {
        add(Channels.class, channels);
    }

    void removeChannels(Channels channels) {
        parts.remove(key(Channels.class, channels));
    }

    @Reference(cardinality = MULTIPLE, policy = DYNAMIC)
    void addPlugins(Plugins plugins) {
        add(Plugins.class, plugins);
    }

    void removePlugins(Plugins plugins) {
        parts.remove(key(Plugins.class, plugins));
    }

    @Reference(cardinality = MULTIPLE, policy = DYNAMIC)
    void addBuffer(Buffer buffer) {
        add(Buffer.class, buffer);
    }

    void removeBuffer(Buffer buffer) {
        parts.remove(key(Buffer.class, buffer));
    }

    @Reference(cardinality = MULTIPLE, policy = DYNAMIC)
    void addOutbox(Outbox outbox) {
        add(Outbox.class, outbox);
    }

    void removeOutbox(Outbox outbox) {
        parts.remove(key(Outbox.class, outbox));
    }

    @Reference(cardinality = MULTIPLE, policy = DYNAMIC)
    void addStore(Store store) {
        add(Store.class, store);
    }

    void removeStore(Store store) {
        parts.remove(key(Store.class, store));
    }

    private void add(Class<?> kind, Object service) {
        parts.add(key(kind, service), service);
    }

    /** One object may be several kinds of part, and equal to another. */
    private static Object key(Class<?> kind, Object service) {
        return new Key(kind, service);
    }

    private record Key(Class<?> kind, Object service) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Key key && key.kind == kind && key.service == service;
        }

        @Override
        public int hashCode() {
            return 31 * kind.hashCode() + System.identityHashCode(service);
        }
    }
}
