package io.koshi.model;

import java.util.Map;
import java.util.Optional;

/**
 * A model wants a tool run.
 *
 * @param callId the model's own id, given back with the output
 * @param arguments plain data, not checked
 * @param malformed what the model wrote instead, when its arguments were no JSON object; nothing is run
 *     then and the model is told
 */
public record ToolCall(String callId, String name, Map<String, Object> arguments, Optional<String> malformed) {
    public ToolCall(String callId, String name, Map<String, Object> arguments) {
        this(callId, name, arguments, Optional.empty());
    }

    /** A call whose arguments could not be read. */
    public static ToolCall malformed(String callId, String name, String text) {
        return new ToolCall(callId, name, Map.of(), Optional.of(text));
    }
}
