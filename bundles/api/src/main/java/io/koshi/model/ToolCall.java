package io.koshi.model;

import java.util.Map;

/**
 * A model wants a tool run.
 *
 * @param callId the model's own id, given back with the output
 * @param arguments plain data, not checked
 */
public record ToolCall(String callId, String name, Map<String, Object> arguments) {}
