package io.koshi.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One entry of models as a worker reads it.
 *
 * @param name what it is called there
 * @param variables the environment of this process
 */
record Settings(String name, Map<?, ?> values, Map<String, String> variables) {
    String text(String key, String otherwise) {
        return values.get(key) instanceof String text && !text.isBlank() ? text : otherwise;
    }

    long number(String key, long otherwise) {
        return values.get(key) instanceof Long number ? number : otherwise;
    }

    boolean flag(String key) {
        return Boolean.TRUE.equals(values.get(key));
    }

    List<String> texts(String key) {
        return values.get(key) instanceof List<?> list
                ? list.stream().map(String::valueOf).toList()
                : List.of();
    }

    Map<String, String> map(String key) {
        Map<String, String> map = new LinkedHashMap<>();
        if (values.get(key) instanceof Map<?, ?> given) {
            given.forEach((name, value) -> map.put(String.valueOf(name), String.valueOf(value)));
        }
        return map;
    }

    Optional<String> environment(String variable) {
        return Optional.ofNullable(variables.get(variable));
    }

    Failure fault(String what) {
        return Failure.usage("The model '" + name + "' of koshi.yaml " + what + ".");
    }
}
