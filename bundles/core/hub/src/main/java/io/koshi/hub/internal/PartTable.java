package io.koshi.hub.internal;

import io.koshi.api.Health;
import io.koshi.buffer.Buffer;
import io.koshi.channel.Channels;
import io.koshi.hub.Drain;
import io.koshi.hub.Traced;
import io.koshi.outbox.Outbox;
import io.koshi.plugin.Plugins;
import io.koshi.store.Store;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;

/** The parts of the hub that are here now, filled by {@link PartWhiteboard}. Thread-safe. */
@Component(name = "io.koshi.hub.parts", service = PartTable.class, configurationPolicy = ConfigurationPolicy.IGNORE)
public final class PartTable {
    /** A part that says how it is. Thread-safe. */
    static final class Part {
        private final Health health;
        private final boolean core;
        private volatile String name;

        /** @param core whether it comes from a bundle of the house's core and so may be trusted to answer at once */
        Part(Health health, boolean core) {
            this.health = health;
            this.core = core;
        }

        Health health() {
            return health;
        }

        boolean core() {
            return core;
        }

        /** Its name, which never changes; a core part's only. */
        String name() {
            if (name == null) {
                name = health.health().name();
            }
            return name;
        }
    }

    /** Parts of one type, as they were after so many changes. */
    private record Kept(long changes, List<?> parts) {}

    private final Map<Object, Object> all = new ConcurrentHashMap<>();
    private final AtomicLong changes = new AtomicLong();
    private final Map<Class<?>, Kept> kept = new ConcurrentHashMap<>();
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

    @Activate
    public PartTable() {
        // filled by the whiteboard
    }

    void add(Object service, Object entry) {
        all.put(service, entry);
        changes.incrementAndGet();
        kept.clear();
        listeners.forEach(Runnable::run);
    }

    void remove(Object service) {
        all.remove(service);
        changes.incrementAndGet();
        kept.clear();
        listeners.forEach(Runnable::run);
    }

    /** How many have come and gone so far. */
    long changes() {
        return changes.get();
    }

    /** Calls back after each coming and going, until closed. */
    AutoCloseable onChange(Runnable listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    List<Part> healths() {
        return list(Part.class);
    }

    List<Drain> drains() {
        return list(Drain.class);
    }

    List<Traced> traced() {
        return list(Traced.class);
    }

    Optional<Channels> channels() {
        return first(Channels.class);
    }

    Optional<Plugins> plugins() {
        return first(Plugins.class);
    }

    Optional<Buffer> buffer() {
        return first(Buffer.class);
    }

    Optional<Outbox> outbox() {
        return first(Outbox.class);
    }

    Optional<Store> store() {
        return first(Store.class);
    }

    private <T> Optional<T> first(Class<T> type) {
        List<T> found = list(type);
        return found.isEmpty() ? Optional.empty() : Optional.of(found.get(0));
    }

    @SuppressWarnings("unchecked") // what is kept for a type was filtered by it
    private <T> List<T> list(Class<T> type) {
        long now = changes.get(); // before looking: who comes meanwhile is found at the next look
        Kept known = kept.get(type);
        if (known == null || known.changes() != now) {
            known = new Kept(now, all.values().stream().filter(type::isInstance).toList());
            kept.put(type, known);
            if (changes.get() != now) {
                kept.remove(type); // or it would hold what has gone
            }
        }
        return (List<T>) known.parts();
    }
}
