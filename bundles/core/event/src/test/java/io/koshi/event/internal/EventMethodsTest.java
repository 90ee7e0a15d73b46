package io.koshi.event.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.codec.internal.RecordCodec;
import io.koshi.event.Event;
import io.koshi.rpc.Caller;
import io.koshi.testkit.TestPools;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EventMethodsTest {
    private final TestPools pools = new TestPools();
    private final EventBus bus = new EventBus(pools);
    private final EventMethods methods = new EventMethods(bus, new RecordCodec());
    private final Caller caller = new Caller("plugin:builds", Set.of("event.write"));

    @AfterEach
    void stop() {
        pools.close();
    }

    private void assertRefused(String topic, Map<String, Object> payload, ErrorCode code) {
        assertThatThrownBy(() -> methods.publish(new EventMethods.Publish(topic, payload), caller))
                .isInstanceOfSatisfying(
                        KoshiException.class, e -> assertThat(e.code()).isEqualTo(code));
        assertThat(bus.seq()).isZero();
    }

    @Test
    void publishesUnderTheCallersName() {
        List<Event> seen = Collections.synchronizedList(new ArrayList<>());
        bus.subscribe(List.of("build.*"), -1, seen::add);
        EventMethods.Published published =
                methods.publish(new EventMethods.Publish("build.done", Map.of("ok", true)), caller);
        await().until(() -> seen.size() == 1);
        assertThat(seen.get(0)).isEqualTo(new Event(published.seq(), "builds", "build.done", Map.of("ok", true)));
    }

    @Test
    void refusesWhatOnlyTheHubSays() {
        assertRefused("message.sent", Map.of(), ErrorCode.FORBIDDEN);
        assertRefused("gateway.gap", Map.of(), ErrorCode.FORBIDDEN);
        assertRefused("console.reply", Map.of(), ErrorCode.FORBIDDEN);
    }

    @Test
    void refusesWhatIsNoTopicAndWhatIsTooLarge() {
        assertRefused("build.*", Map.of(), ErrorCode.INVALID_PARAMS);
        assertRefused("", Map.of(), ErrorCode.INVALID_PARAMS);
        assertRefused("build.log", Map.of("log", "x".repeat(EventMethods.LARGEST)), ErrorCode.TOO_LARGE);
    }
}
