package io.koshi.model.offline;

import io.koshi.codec.Codec;
import io.koshi.rpc.Caller;
import io.koshi.rpc.Registry;
import java.util.List;
import java.util.Map;

/** The hub's own methods as this model may call them, with their answers as plain data. Thread-safe. */
final class Hub {
    private final Registry registry;
    private final Codec codec;
    private final Caller caller;

    Hub(Registry registry, Codec codec, Caller caller) {
        this.registry = registry;
        this.codec = codec;
        this.caller = caller;
    }

    boolean has(String method) {
        return registry.find(method).isPresent();
    }

    @SuppressWarnings("unchecked")
    Map<String, Object> ask(String method, Map<String, Object> params) {
        return (Map<String, Object>) codec.toData(registry.ask(caller, method, params));
    }

    /** The list of objects under a name; empty where there is none. */
    @SuppressWarnings("unchecked")
    static List<Map<String, Object>> list(Map<String, Object> data, String name) {
        return data.get(name) instanceof List<?> list ? (List<Map<String, Object>>) list : List.of();
    }

    /** The object under a name; empty where there is none. */
    @SuppressWarnings("unchecked")
    static Map<String, Object> object(Map<String, Object> data, String name) {
        return data.get(name) instanceof Map<?, ?> map ? (Map<String, Object>) map : Map.of();
    }

    static String text(Map<String, Object> data, String name) {
        Object value = data.get(name);
        return value == null ? "" : String.valueOf(value);
    }
}
