package io.koshi.model;

import java.util.Map;

/** A tool as a model sees it; {@code parameters} is a JSON Schema of an object. */
public record ToolSpec(String name, String description, Map<String, Object> parameters) {}
