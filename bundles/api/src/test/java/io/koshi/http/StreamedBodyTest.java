package io.koshi.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class StreamedBodyTest {
    private static final Duration PATIENT = Duration.ofSeconds(60);

    private final StreamedBody body = new StreamedBody();
    private final Asked asked = new Asked();

    /** What the client was asked for. */
    private static final class Asked implements Flow.Subscription {
        private final AtomicLong pieces = new AtomicLong();
        private final AtomicBoolean cancelled = new AtomicBoolean();

        @Override
        public void request(long count) {
            pieces.set(count);
        }

        @Override
        public void cancel() {
            cancelled.set(true);
        }
    }

    /** Keeps what it is given until it has seen a full stop. */
    private static final class Words implements StreamedBody.Reader {
        private final StringBuffer text = new StringBuffer();
        private final CountDownLatch first = new CountDownLatch(1);
        private volatile Thread thread;
        private volatile Duration silence = PATIENT;

        @Override
        public boolean take(ByteBuffer bytes) {
            thread = Thread.currentThread();
            String word = UTF_8.decode(bytes).toString();
            if (word.equals("!")) {
                throw new IllegalStateException("that is no word");
            }
            text.append(word);
            first.countDown();
            return !word.endsWith(".");
        }

        @Override
        public Duration silence() {
            return silence;
        }
    }

    private CompletableFuture<Boolean> reading(Words words) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return body.each(words);
            } catch (IOException | InterruptedException | TimeoutException e) {
                throw new IllegalArgumentException(e);
            }
        });
    }

    private static List<ByteBuffer> bytes(String text) {
        return List.of(ByteBuffer.wrap(text.getBytes(UTF_8)));
    }

    @Test
    void pushesEachPieceOnTheThreadThatBringsIt() throws Exception {
        Words words = new Words();
        body.onSubscribe(asked);
        body.onNext(bytes("fetched ahead, "));
        CompletableFuture<Boolean> enough = reading(words);
        assertThat(words.first.await(60, TimeUnit.SECONDS)).isTrue();

        body.onNext(bytes("and then."));

        assertThat(words.thread).isSameAs(Thread.currentThread());
        assertThat(enough.get(60, TimeUnit.SECONDS)).isTrue();
        body.onNext(bytes("too late"));
        assertThat(words.text).hasToString("fetched ahead, and then.");
    }

    @Test
    void readsABodyThatIsSubscribedToAfterItWasHandedOut() throws Exception {
        Words words = new Words();
        CompletableFuture<Boolean> enough = reading(words);
        body.onSubscribe(asked);
        body.onNext(bytes("late."));
        assertThat(enough.get(60, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void saysThatTheBodyEndedBeforeTheReaderHadEnough() throws Exception {
        Words words = new Words();
        body.onSubscribe(asked);
        CompletableFuture<Boolean> enough = reading(words);
        body.onNext(bytes("half"));
        body.onComplete();
        assertThat(enough.get(60, TimeUnit.SECONDS)).isFalse();
    }

    @Test
    void throwsWhatTheReaderThrew() {
        body.onSubscribe(asked);
        CompletableFuture<Boolean> enough = reading(new Words());
        body.onNext(bytes("!"));
        assertThatThrownBy(() -> enough.get(60, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasRootCauseInstanceOf(IllegalStateException.class)
                .hasRootCauseMessage("that is no word");
    }

    @Test
    void saysThatTheConnectionBroke() {
        body.onSubscribe(asked);
        CompletableFuture<Boolean> enough = reading(new Words());
        body.onError(new IOException("reset"));
        assertThatThrownBy(() -> enough.get(60, TimeUnit.SECONDS))
                .hasRootCauseInstanceOf(IOException.class)
                .hasRootCauseMessage("reset");
    }

    @Test
    void givesUpASilentBodyAndAsksForNoMore() {
        Words words = new Words();
        words.silence = Duration.ofMillis(20);
        body.onSubscribe(asked);
        assertThatThrownBy(() -> body.each(words)).isInstanceOf(TimeoutException.class);
        assertThat(asked.cancelled).isTrue();
    }

    @Test
    void waitsNoLongerThanTheReaderDoesNow() throws Exception {
        Words words = new Words();
        body.onSubscribe(asked);
        CompletableFuture<Boolean> enough = reading(words);
        body.onNext(bytes("nearly")); // whichever way it goes in, the reader's patience counts from here
        assertThat(words.first.await(60, TimeUnit.SECONDS)).isTrue();
        words.silence = Duration.ofMillis(20);
        body.onNext(bytes(" done"));
        assertThatThrownBy(() -> enough.get(30, TimeUnit.SECONDS)).hasRootCauseInstanceOf(TimeoutException.class);
    }
}
