package io.koshi.openai.internal;

import io.koshi.testkit.TestPools;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.koshi.api.Ulid;
import io.koshi.codec.internal.RecordCodec;
import io.koshi.event.internal.EventBus;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WordsTest {
    private final TestPools pools = new TestPools();
    private final EventBus events = new EventBus(pools);
    private final List<String> brought = new CopyOnWriteArrayList<>();
    private final String runId = Ulid.next();
    private final Words words = new Words(events, new RecordCodec(), runId, brought::add);

    @AfterEach
    void close() {
        words.close();
        pools.close();
    }

    private void started(String run) {
        events.publish("agent", "run.started", Map.of("sessionKey", "openai:ann", "runId", run));
    }

    private void says(String run, String text) {
        events.publish("agent", "run.delta", Map.of("sessionKey", "openai:ann", "runId", run, "delta", text));
    }

    private void hears(String... texts) {
        await().untilAsserted(() -> assertThat(brought).containsExactly(texts));
    }

    @Test
    void bringsTheWordsOfItsOwnRunWhoeverBeginsFirst() {
        String other = Ulid.next();
        started(other); // between our asking and our beginning
        says(other, "not ours");
        started(runId);
        says(other, "neither");
        says(runId, "one ");
        says(runId, "two");
        hears("one ", "two");
        words.finish("one two");
        assertThat(brought).containsExactly("one ", "two");
    }

    @Test
    void bringsAtTheEndWhatItDidNotHear() {
        started(runId);
        says(runId, "one ");
        hears("one ");
        words.finish("one two");
        assertThat(brought).containsExactly("one ", "two");
    }

    @Test
    void aSecondAttemptDoesNotSayTheBeginningAgain() {
        started(runId);
        says(runId, "one ");
        started(runId);
        says(runId, "one ");
        says(runId, "two");
        says("somebody", "else");
        hears("one ");
        words.finish("one two");
        assertThat(brought).containsExactly("one ", "two");
    }

    @Test
    void anotherAnswerFollowsWhatWasSaid() {
        started(runId);
        says(runId, "first thoughts");
        hears("first thoughts");
        words.finish("second thoughts");
        assertThat(brought).containsExactly("first thoughts", "\n\nsecond thoughts");
    }
}
