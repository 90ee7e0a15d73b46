package io.koshi.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class HubClientTest {
    @TempDir
    private Path home;

    private FakeHub hub;
    private HubClient client;

    @BeforeEach
    void open() throws IOException {
        hub = new FakeHub(home.resolve("hub.sock"));
        client = HubClient.socket(home.resolve("hub.sock"));
    }

    @AfterEach
    void close() throws IOException {
        client.close();
        hub.close();
    }

    @Test
    void callsAndIsAnswered() throws Exception {
        assertThat(client.call("test.echo", Map.of("a", 1))).isEqualTo(Map.of("a", 1L));
        assertThatThrownBy(() -> client.call("test.refused", Map.of()))
                .isInstanceOfSatisfying(
                        HubException.class, e -> assertThat(e.code()).isEqualTo("CONFLICT"));
    }

    @Test
    void tellsThoseWhoWaitThatTheHubIsGoneAndComesBack() throws Exception {
        client.awaitConnected(Duration.ofMinutes(2));
        CompletableFuture<Map<String, Object>> never = client.ask("test.never", Map.of(), Duration.ofSeconds(20));
        await().until(() -> hub.asked.stream().anyMatch(f -> "test.never".equals(f.get("method"))));
        hub.cut();
        assertThatThrownBy(() -> never.get(60, TimeUnit.SECONDS))
                .hasCauseInstanceOf(HubException.class)
                .hasMessageContaining("lost before it answered");
        assertThat(client.call("test.echo", Map.of("back", true))).containsEntry("back", true);
    }

    @Test
    void goesOnWithTheEventsWhereItWas() throws Exception {
        BlockingQueue<HubEvent> heard = new LinkedBlockingQueue<>();
        client.subscribe(List.of("run.*"), heard::add);
        client.awaitConnected(Duration.ofMinutes(2));
        await().until(() -> hub.asked.stream().anyMatch(f -> "gateway.subscribe".equals(f.get("method"))));
        hub.event("run.delta", 41, Map.of("n", 1));
        assertThat(heard.poll(60, TimeUnit.SECONDS).seq()).isEqualTo(41);
        hub.asked.clear();
        hub.cut();
        await().until(() -> hub.asked.stream().anyMatch(f -> "gateway.subscribe".equals(f.get("method"))));
        Map<?, ?> again = hub.asked.stream()
                .filter(f -> "gateway.subscribe".equals(f.get("method")))
                .findFirst()
                .orElseThrow();
        assertThat(again.get("params"))
                .isEqualTo(Map.of("topics", List.of("run.*"), "since", Map.of("epoch", "one", "seq", 41L)));
    }

    @Test
    void aListenerMayCallTheHubAndHearsOnlyWhatItAskedFor() throws Exception {
        BlockingQueue<Object> heard = new LinkedBlockingQueue<>();
        client.awaitConnected(Duration.ofMinutes(2));
        client.subscribe(List.of("task.*"), event -> {
            try {
                heard.add(
                        client.call("test.echo", Map.of("topic", event.topic())).get("topic"));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        await().until(() -> hub.asked.stream().anyMatch(f -> "gateway.subscribe".equals(f.get("method"))));
        hub.event("run.delta", 1, Map.of());
        hub.event("task.done", 2, Map.of());
        assertThat(heard.poll(60, TimeUnit.SECONDS)).isEqualTo("task.done");
        assertThat(heard).isEmpty();
    }

    @Test
    void answersForTheHubAndRegistersAgainWithTheNextConnection() throws Exception {
        client.register(new HubService(
                "sums",
                "1.0",
                Map.of(
                        "sums.add",
                        params -> Map.of("sum", (Long) params.get("a") + (Long) params.get("b")),
                        "sums.fail",
                        params -> {
                            throw new IllegalStateException("broken");
                        }),
                List.of()));
        hub.call("c1", "sums.add", Map.of("a", 2, "b", 3));
        await().until(() ->
                hub.asked.contains(Map.of("type", "res", "id", "c1", "ok", true, "payload", Map.of("sum", 5L))));
        hub.call("c2", "sums.fail", Map.of());
        await().until(() -> hub.asked.stream()
                .anyMatch(
                        f -> Map.of("code", "METHOD_ERROR", "message", "broken").equals(f.get("error"))));
        hub.asked.clear();
        hub.cut();
        await().until(() -> hub.asked.stream().anyMatch(f -> "gateway.register".equals(f.get("method"))));
    }

    @Test
    void aRefusalOfWhoAsksIsFinalAndHasAReason() throws Exception {
        AtomicInteger tries = new AtomicInteger();
        try (HubClient refused = new HubClient(() -> {
            tries.incrementAndGet();
            throw new HubException("UNAUTHORIZED", "this token is not known");
        })) {
            assertThatThrownBy(() -> refused.call("hub.status", Map.of()))
                    .isInstanceOfSatisfying(
                            HubException.class, e -> assertThat(e.isFinal()).isTrue())
                    .hasMessage("this token is not known");
            assertThatThrownBy(() -> refused.ask("hub.status", Map.of(), Duration.ofSeconds(1))
                            .get())
                    .hasMessageContaining("this token is not known");
            assertThat(refused.refused().code()).isEqualTo("UNAUTHORIZED");
            assertThat(tries).hasValue(1);
        }
    }

    @Test
    void aHubThatIsNotThereIsSaidToBeNotThere() {
        try (HubClient nowhere = HubClient.socket(home.resolve("nobody.sock"))) {
            assertThatThrownBy(() -> nowhere.call("hub.status", Map.of(), Duration.ofMillis(300)))
                    .isInstanceOfSatisfying(
                            HubException.class, e -> assertThat(e.code()).isEqualTo("SERVICE_UNAVAILABLE"))
                    .hasMessageContaining("koshi status");
        }
    }

    @Test
    void pausesDoubleUpToTheLongest() {
        Backoff backoff = new Backoff(Duration.ofMillis(100), Duration.ofMillis(400));
        assertThat(backoff.next()).isBetween(50L, 100L);
        assertThat(backoff.next()).isBetween(100L, 200L);
        assertThat(backoff.next()).isBetween(200L, 400L);
        assertThat(backoff.next()).isBetween(200L, 400L);
        backoff.reset();
        assertThat(backoff.next()).isBetween(50L, 100L);
    }
}
