package io.koshi.rest.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ExampleTest {
    private static Object of(Map<String, ?> property) {
        return Example.of(Map.of("type", "object", "required", List.of("it"), "properties", Map.of("it", property)));
    }

    @Test
    void leavesOutWhatMayBeLeftOut() {
        assertThat(Example.of(Map.of("type", "object", "properties", Map.of("limit", Map.of("type", "integer")))))
                .isEqualTo(Map.of());
    }

    @Test
    void keepsToTheBounds() {
        assertThat(of(Map.of("type", "integer", "minimum", 5L))).isEqualTo(Map.of("it", 5L));
        assertThat(of(Map.of("type", "string", "minLength", 20L)).toString()).hasSizeGreaterThan(20);
        assertThat(of(Map.of("type", "string", "enum", List.of("allow", "deny"))))
                .isEqualTo(Map.of("it", "allow"));
        assertThat(of(Map.of("type", "string", "format", "date-time"))).isEqualTo(Map.of("it", "2026-01-01T00:00:00Z"));
        assertThat(of(Map.of("type", "array", "minItems", 1L, "items", Map.of("type", "boolean"))))
                .isEqualTo(Map.of("it", List.of(false)));
        assertThat(of(Map.of("type", "integer", "default", 9L))).isEqualTo(Map.of("it", 9L));
    }
}
