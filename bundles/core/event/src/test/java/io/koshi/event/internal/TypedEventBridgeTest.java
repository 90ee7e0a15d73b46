package io.koshi.event.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class TypedEventBridgeTest {
    @Test
    void understandsWhichOfTheHubsTopicsAHandlerAsksFor() {
        assertThat(TypedEventBridge.topicsOf("koshi/run/delta")).containsExactly("run.delta");
        assertThat(TypedEventBridge.topicsOf(new String[] {"koshi/run/*", "other/topic"}))
                .containsExactly("run.*");
        assertThat(TypedEventBridge.topicsOf(List.of("*", "koshi/*"))).containsExactly("*", "*");
        assertThat(TypedEventBridge.topicsOf("koshi/+/failed")).containsExactly("*.failed");
        assertThat(TypedEventBridge.topicsOf(null)).isEmpty();
    }
}
