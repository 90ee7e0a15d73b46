package io.koshi.event.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.event.Event;
import io.koshi.testkit.TestPools;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BundleEventsTest {
    private final TestPools pools = new TestPools();
    private final EventBus bus = new EventBus(pools);
    private final BundleEvents room = new BundleEvents(bus, "io.koshi.agent");
    private final BundleEvents plugin = new BundleEvents(bus, "io.koshi.channel.telegram");
    private final List<Event> seen = Collections.synchronizedList(new ArrayList<>());

    @AfterEach
    void stop() {
        pools.close();
    }

    @Test
    void aPluginSpeaksUnderItsOwnNameAndARoomMaySpeakForOthers() {
        room.subscribe(List.of("*"), -1, seen::add);
        room.publish("whoever", "run.delta", "payload");
        plugin.publish("agent", "telegram.poll", "payload");
        plugin.publish("telegram~work", "telegram.poll", "payload");
        await().until(() -> seen.size() == 3);
        assertThat(seen).extracting(Event::source).containsExactly("whoever", "telegram", "telegram~work");
    }

    @Test
    void aPluginCannotSayWhatOnlyTheHubSays() {
        assertThatThrownBy(() -> plugin.publish("agent", "message.sent", "payload"))
                .isInstanceOfSatisfying(
                        KoshiException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.FORBIDDEN));
        assertThatThrownBy(() -> plugin.publish("telegram", "no topic", "payload"))
                .isInstanceOf(KoshiException.class);
        assertThat(bus.seq()).isZero();
    }

    @Test
    void subscriptionsEndWithTheirBundle() {
        plugin.subscribe(List.of("*"), -1, seen::add);
        plugin.subscribe(List.of("*"), -1, seen::add).close();
        assertThat(bus.subscribers()).isEqualTo(1);
        plugin.close();
        assertThat(bus.subscribers()).isZero();
        room.publish("agent", "run.delta", "payload");
        assertThat(seen).isEmpty();
    }

    @Test
    void theConsoleMayPublishItsOwnReservedTopic() {
        BundleEvents console = new BundleEvents(bus, "io.koshi.channel.console");
        assertThat(console.publish("console", "console.reply", "payload")).isEqualTo(1);
        assertThatThrownBy(() -> plugin.publish("console", "console.reply", "payload"))
                .isInstanceOf(KoshiException.class);
    }
}
