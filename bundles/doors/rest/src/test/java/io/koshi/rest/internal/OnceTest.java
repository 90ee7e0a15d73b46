package io.koshi.rest.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.codec.internal.RecordCodec;
import io.koshi.store.internal.SqliteStore;
import io.koshi.testkit.TestSettings;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnceTest {
    private static final byte[] BODY = bytes("{\"a\":1}");

    @TempDir
    Path home;

    private SqliteStore store;
    private Instant now = Instant.parse("2025-01-31T12:00:00Z");
    private Once once;

    @BeforeEach
    void open() {
        store = new SqliteStore(new TestSettings(home, new RecordCodec()));
        once = startedAs("first");
    }

    @AfterEach
    void close() {
        store.close();
    }

    private Once startedAs(String epoch) {
        InstantSource clock = () -> now;
        return new Once(store, clock, epoch);
    }

    @Test
    void givesTheFirstAnswerToEveryOneThatFollows() {
        Once.Claim claim = once.claim("token:ci", "k", "task.enqueue", BODY);
        assertThat(claim.before()).isEmpty();
        once.answered(claim.id(), 404, bytes("{\"code\":\"NOT_FOUND\"}")).join();

        Answer.Document again = startedAs("second")
                .claim("token:ci", "k", "task.enqueue", BODY)
                .before()
                .orElseThrow();
        assertThat(again.status()).isEqualTo(404);
        assertThat(again.body()).isEqualTo(bytes("{\"code\":\"NOT_FOUND\"}"));
    }

    @Test
    void saysThatTheFirstIsNotAnsweredYet() {
        once.claim("token:ci", "k", "task.enqueue", BODY);
        conflict(once, "token:ci", "k", "task.enqueue", BODY, "not answered yet");
    }

    @Test
    void saysThatNobodyKnowsWhetherARequestThatAKillCutOffWasDone() {
        once.claim("token:ci", "k", "task.enqueue", BODY);
        conflict(startedAs("second"), "token:ci", "k", "task.enqueue", BODY, "look whether it was done");
    }

    @Test
    void refusesAnotherRequestUnderTheKeyAndKnowsNoOthersKeys() {
        once.answered(once.claim("token:ci", "k", "task.enqueue", BODY).id(), 200, BODY)
                .join();
        conflict(once, "token:ci", "k", "task.cancel", BODY, "another request");
        conflict(once, "token:ci", "k", "task.enqueue", bytes("{}"), "another request");
        assertThat(once.claim("token:other", "k", "task.cancel", BODY).before()).isEmpty();
    }

    @Test
    void freesAKeyWhoseRequestWasSurelyNotDone() {
        once.answered(once.claim("token:ci", "k", "task.enqueue", BODY).id(), 429, BODY)
                .join();
        assertThat(once.claim("token:ci", "k", "task.enqueue", BODY).before()).isEmpty();
    }

    @Test
    void forgetsAfterADay() {
        once.answered(once.claim("token:ci", "k", "task.enqueue", BODY).id(), 200, BODY)
                .join();
        now = now.plus(Once.KEPT);
        assertThat(once.claim("token:ci", "k", "task.enqueue", BODY).before()).isPresent();
        now = now.plus(Duration.ofMillis(1));
        assertThat(once.claim("token:ci", "k", "task.enqueue", BODY).before()).isEmpty();
    }

    @Test
    void saysThatAnAnswerWasTooLargeToKeep() {
        once.answered(once.claim("token:ci", "k", "task.enqueue", BODY).id(), 200, new byte[300 << 10])
                .join();
        conflict(once, "token:ci", "k", "task.enqueue", BODY, "more than can be kept");
    }

    private static void conflict(Once once, String caller, String key, String method, byte[] body, String words) {
        assertThatThrownBy(() -> once.claim(caller, key, method, body))
                .hasMessageContaining(words)
                .isInstanceOfSatisfying(
                        KoshiException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
