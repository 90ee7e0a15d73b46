package io.koshi.event.internal;

import io.koshi.codec.Codec;
import io.koshi.event.Event;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.typedevent.TypedEventBus;
import org.osgi.service.typedevent.TypedEventHandler;
import org.osgi.service.typedevent.UntypedEventHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Offers the hub's events to OSGi bundles through the Typed Event service (OSGi Compendium 157): {@code
 * run.delta} is topic {@code koshi/run/delta}, its payload an untyped map. Costs nothing until a handler
 * asks for such a topic; one way only. Thread-safe.
 */
@Component(
        name = "io.koshi.event.typed",
        service = {},
        immediate = true,
        configurationPolicy = ConfigurationPolicy.IGNORE)
public final class TypedEventBridge {
    private static final Logger LOG = LoggerFactory.getLogger("io.koshi.event");
    private static final String ROOT = "koshi/";
    private static final String TOPICS = "event.topics";

    private final EventBus bus;
    private final Codec codec;
    private final TypedEventBus typed;
    private final Map<ServiceReference<?>, List<String>> handlers = new ConcurrentHashMap<>();
    private volatile Reader reader;
    private boolean closed;

    @Activate
    public TypedEventBridge(@Reference EventBus bus, @Reference Codec codec, @Reference TypedEventBus typed) {
        this.bus = bus;
        this.codec = codec;
        this.typed = typed;
    }

    @Reference(
            service = UntypedEventHandler.class,
            cardinality = ReferenceCardinality.MULTIPLE,
            policy = ReferencePolicy.DYNAMIC,
            unbind = "remove")
    void addUntyped(ServiceReference<UntypedEventHandler> handler) {
        add(handler);
    }

    @Reference(
            service = TypedEventHandler.class,
            cardinality = ReferenceCardinality.MULTIPLE,
            policy = ReferencePolicy.DYNAMIC,
            unbind = "remove")
    void addTyped(ServiceReference<TypedEventHandler<?>> handler) {
        add(handler);
    }

    private void add(ServiceReference<?> handler) {
        List<String> topics = topicsOf(handler.getProperty(TOPICS));
        if (!topics.isEmpty()) {
            handlers.put(handler, topics);
            follow();
        }
    }

    void remove(ServiceReference<?> handler) {
        if (handlers.remove(handler) != null) {
            follow();
        }
    }

    /** The hub's topic patterns behind a handler's filter, of those that can match anything here. */
    static List<String> topicsOf(Object property) {
        List<String> patterns = new ArrayList<>();
        for (Object filter : asList(property)) {
            String text = String.valueOf(filter);
            if (text.equals("*")) {
                patterns.add("*");
            } else if (text.startsWith(ROOT)) {
                patterns.add(text.substring(ROOT.length()).replace('/', '.').replace('+', '*'));
            }
        }
        return patterns;
    }

    private static List<?> asList(Object property) {
        if (property instanceof Object[] array) {
            return List.of(array);
        }
        if (property instanceof Iterable<?> many) {
            List<Object> list = new ArrayList<>();
            many.forEach(list::add);
            return list;
        }
        return property == null ? List.of() : List.of(property);
    }

    /** Follows what is asked for now; nothing while nobody asks. */
    private synchronized void follow() {
        List<String> topics =
                handlers.values().stream().flatMap(List::stream).distinct().toList();
        if (closed || topics.isEmpty()) {
            stopReading();
        } else if (reader == null) {
            reader = bus.open(topics, -1, this::pass);
        } else {
            reader.want(new Topics(topics));
        }
    }

    private void stopReading() {
        if (reader != null) {
            reader.close();
            reader = null;
        }
    }

    private void pass(Event event) {
        String topic = ROOT + event.topic().replace('.', '/').replace(':', '_');
        try {
            typed.deliverUntyped(topic, payload(event));
        } catch (IllegalArgumentException e) {
            LOG.debug("{} is no topic of the Typed Event service", topic);
        }
    }

    @SuppressWarnings("unchecked")
    private Map<String, Object> payload(Event event) {
        Object data = codec.toData(event.payload());
        return data instanceof Map<?, ?> map ? (Map<String, Object>) map : Map.of("value", data);
    }

    @Deactivate
    synchronized void close() {
        closed = true;
        stopReading();
    }
}
