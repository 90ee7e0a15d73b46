package io.koshi.event.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.codec.Codec;
import io.koshi.rpc.Caller;
import io.koshi.rpc.Doc;
import io.koshi.rpc.Methods;
import io.koshi.rpc.Namespace;
import io.koshi.rpc.Rpc;
import io.koshi.rpc.Scope;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/** What callers may do with events. Thread-safe. */
@Component(name = "io.koshi.event.methods", service = Methods.class, configurationPolicy = ConfigurationPolicy.IGNORE)
@Namespace("event")
public final class EventMethods implements Methods {
    /** The window keeps thousands of payloads in memory, so each is bounded. */
    static final int LARGEST = 64 * 1024;

    private static final String PLUGIN = "plugin:";

    private final EventBus bus;
    private final Codec codec;

    @Activate
    public EventMethods(@Reference EventBus bus, @Reference Codec codec) {
        this.bus = bus;
        this.codec = codec;
    }

    /** What is to be published. */
    public record Publish(
            @Doc("Its topic, of A-Z a-z 0-9 _ . : -; the hub's own topics are refused.")
            String topic,

            @Doc("What happened, at most 64 KiB as JSON.") Map<String, Object> payload) {}

    /** Where it went. */
    public record Published(
            @Doc("Its place in the hub's one sequence.") long seq) {}

    @Rpc(value = "Publishes an event under the caller's name.", scope = Scope.WRITE, quick = true)
    public Published publish(Publish ask, Caller caller) {
        TopicPattern.checkTopic(ask.topic());
        if (CoreTopics.contains(ask.topic())) {
            throw new KoshiException(ErrorCode.FORBIDDEN, "only the hub publishes " + ask.topic() + "; choose another");
        }
        if (codec.json(ask.payload()).length > LARGEST) {
            throw new KoshiException(
                    ErrorCode.TOO_LARGE, "an event's payload is at most 64 KiB; send a reference to what is larger");
        }
        return new Published(bus.publish(sourceOf(caller), ask.topic(), ask.payload()));
    }

    private static String sourceOf(Caller caller) {
        return caller.name().startsWith(PLUGIN) ? caller.name().substring(PLUGIN.length()) : caller.name();
    }
}
