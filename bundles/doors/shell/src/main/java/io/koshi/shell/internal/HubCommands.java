package io.koshi.shell.internal;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.koshi.api.KoshiException;
import io.koshi.codec.Codec;
import io.koshi.rpc.Caller;
import io.koshi.rpc.MethodInfo;
import io.koshi.rpc.Registry;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Function;

/** Puts every method of the hub into a session as the command {@code noun:verb}. Thread-safe. */
final class HubCommands {
    private final Registry registry;
    private final Codec codec;

    HubCommands(Registry registry, Codec codec) {
        this.registry = registry;
        this.codec = codec;
    }

    /** Brings a session up to what the hub can do now; {@code methods} lists it. */
    void offer(CommandSession session, Caller caller) {
        for (MethodInfo method : registry.methods()) {
            session.put(method.name().replace('.', ':'), command(method.name(), caller));
        }
        session.put("methods", (Function) (s, arguments) -> list());
    }

    private String list() {
        StringBuilder out = new StringBuilder();
        for (MethodInfo method : registry.methods()) {
            out.append(String.format("%-24s %s%n", method.name().replace('.', ':'), method.summary()));
        }
        return out.toString();
    }

    private Function command(String method, Caller caller) {
        return (session, arguments) -> codec.toData(registry.ask(caller, method, params(arguments)));
    }

    /** Parameters as {@code key=value} words, as one JSON object, or as a map of Gogo's. */
    private Map<String, Object> params(List<Object> arguments) {
        Map<String, Object> params = new LinkedHashMap<>();
        for (Object argument : arguments) {
            if (argument instanceof Map<?, ?> map) {
                map.forEach((key, value) -> params.put(String.valueOf(key), value(value)));
                continue;
            }
            String word = String.valueOf(argument);
            if (word.startsWith("{")) {
                params.putAll(object(word));
                continue;
            }
            int equals = word.indexOf('=');
            if (equals < 1) {
                throw KoshiException.invalid(
                        "", "give parameters as key=value, or as one JSON object in single quotes, not " + word);
            }
            params.put(word.substring(0, equals), value(word.substring(equals + 1)));
        }
        return params;
    }

    @SuppressWarnings("unchecked")
    private Map<String, Object> object(String json) {
        if (codec.parseJson(json.getBytes(UTF_8)) instanceof Map<?, ?> map) {
            return (Map<String, Object>) map;
        }
        throw KoshiException.invalid("", "the parameters are no JSON object");
    }

    /** A word as JSON where it is some, else as the text it is. */
    private Object value(Object given) {
        if (!(given instanceof CharSequence)) {
            return codec.toData(given);
        }
        String text = given.toString();
        try {
            return codec.parseJson(text.getBytes(UTF_8));
        } catch (KoshiException plain) {
            return text;
        }
    }
}
