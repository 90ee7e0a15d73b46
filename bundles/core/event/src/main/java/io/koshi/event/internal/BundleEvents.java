package io.koshi.event.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.event.Event;
import io.koshi.event.Events;
import io.koshi.event.Follower;
import io.koshi.event.Subscription;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.osgi.framework.Bundle;
import org.osgi.service.component.ComponentContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ServiceScope;

/**
 * One bundle's view of the bus: a plugin speaks under its own name and its subscriptions end with it. A
 * room or door of the hub is a bundle {@code io.koshi.NOUN} and may speak for others. Thread-safe.
 */
@Component(
        name = "io.koshi.event",
        service = Events.class,
        scope = ServiceScope.BUNDLE,
        configurationPolicy = ConfigurationPolicy.IGNORE)
public final class BundleEvents implements Events {
    private static final String CORE = "io.koshi.";

    private final EventBus bus;
    private final String plugin; // "" for the hub's own bundles
    private final Set<Subscription> open = ConcurrentHashMap.newKeySet();

    @Activate
    public BundleEvents(@Reference EventBus bus, ComponentContext context) {
        this(bus, nameOf(context.getUsingBundle()));
    }

    BundleEvents(EventBus bus, String symbolicName) {
        this.bus = bus;
        this.plugin = pluginOf(symbolicName);
    }

    private static String nameOf(Bundle user) {
        return user == null || user.getSymbolicName() == null ? "unknown" : user.getSymbolicName();
    }

    private static String pluginOf(String symbolicName) {
        boolean core = symbolicName.startsWith(CORE) && symbolicName.indexOf('.', CORE.length()) < 0;
        return core ? "" : symbolicName.substring(symbolicName.lastIndexOf('.') + 1);
    }

    @Override
    public long publish(String source, String topic, Object payload) {
        if (plugin.isEmpty()) {
            return bus.publish(source, topic, payload);
        }
        TopicPattern.checkTopic(topic);
        if (CoreTopics.contains(topic) && !topic.startsWith(plugin + ".")) {
            throw new KoshiException(
                    ErrorCode.FORBIDDEN, "only the hub publishes " + topic + "; begin the topic with " + plugin + ".");
        }
        return bus.publish(isOwn(source) ? source : plugin, topic, payload);
    }

    private boolean isOwn(String source) {
        return source.equals(plugin) || source.startsWith(plugin + "~");
    }

    @Override
    public Subscription subscribe(List<String> topics, long since, Consumer<Event> listener) {
        return track(bus.subscribe(topics, since, listener));
    }

    @Override
    public Subscription follow(List<String> topics, long since, Follower follower) {
        return track(bus.follow(topics, since, follower));
    }

    private Subscription track(Subscription subscription) {
        Subscription tracked = new Tracked(subscription);
        open.add(tracked);
        return tracked;
    }

    @Override
    public String epoch() {
        return bus.epoch();
    }

    @Override
    public long seq() {
        return bus.seq();
    }

    @Deactivate
    void close() {
        open.forEach(Subscription::close);
    }

    /** Leaves the view's list when it is closed. */
    private final class Tracked implements Subscription {
        private final Subscription subscription;

        Tracked(Subscription subscription) {
            this.subscription = subscription;
        }

        @Override
        public long startedAt() {
            return subscription.startedAt();
        }

        @Override
        public long replayed() {
            return subscription.replayed();
        }

        @Override
        public void resume() {
            subscription.resume();
        }

        @Override
        public void close() {
            open.remove(this);
            subscription.close();
        }
    }
}
