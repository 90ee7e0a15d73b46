package io.koshi.health.internal;

import io.koshi.api.KoshiException;
import io.koshi.codec.Codec;
import io.koshi.rpc.Caller;
import io.koshi.rpc.Registry;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Asks the hub how it is, and answers for it while it cannot. Thread-safe. */
final class HubVoice {
    private static final Caller SELF = new Caller("health", Set.of("hub.read"));

    private final Registry registry;
    private final Codec codec;

    HubVoice(Registry registry, Codec codec) {
        this.registry = registry;
        this.codec = codec;
    }

    /** The method's payload; an unhealthy one when the hub room cannot answer. */
    @SuppressWarnings("unchecked")
    Map<String, Object> ask(String method) {
        try {
            return (Map<String, Object>) codec.toData(registry.ask(SELF, method, Map.of()));
        } catch (KoshiException e) {
            Map<String, Object> mute = new LinkedHashMap<>();
            mute.put("status", "unhealthy");
            mute.put("ready", false);
            mute.put("live", true);
            mute.put("error", "The hub cannot say how it is: " + e.getMessage());
            return mute;
        }
    }
}
