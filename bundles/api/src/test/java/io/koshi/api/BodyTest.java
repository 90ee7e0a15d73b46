package io.koshi.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BodyTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    @Test
    void readsWhatWasAnnouncedAndWhatWasNot() throws Exception {
        for (int size : new int[] {0, 1, 8191, 8192, 8193, 70_000, 300_000}) {
            byte[] sent = new byte[size];
            new Random(size).nextBytes(sent);
            assertThat(Body.read(new ByteArrayInputStream(sent), 300_000, size, LIMIT))
                    .isEqualTo(sent);
            assertThat(Body.read(new ByteArrayInputStream(sent), 300_000, -1, LIMIT))
                    .isEqualTo(sent);
        }
    }

    @Test
    void refusesAnAnnouncedGiantBeforeReadingAByte() {
        InputStream untouched = new InputStream() {
            @Override
            public int read() {
                throw new AssertionError("nothing is to be read");
            }
        };
        assertThatThrownBy(() -> Body.read(untouched, 1_000, 1_001, LIMIT))
                .isInstanceOfSatisfying(
                        KoshiException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TOO_LARGE));
    }

    @Test
    void stopsReadingAnUnannouncedGiant() {
        long[] given = {0};
        InputStream endless = new InputStream() {
            @Override
            public int read() {
                throw new AssertionError("reads are in bulk");
            }

            @Override
            public int read(byte[] into, int from, int length) {
                given[0] += length;
                return length;
            }
        };
        assertThatThrownBy(() -> Body.read(endless, 100_000, -1, LIMIT))
                .isInstanceOfSatisfying(
                        KoshiException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TOO_LARGE));
        assertThat(given[0]).isLessThanOrEqualTo(100_001);
    }

    @Test
    void cutsOffABodyThatTrickles() {
        InputStream trickle = new InputStream() {
            private int given;

            @Override
            public int read() {
                throw new AssertionError("reads are in bulk");
            }

            @Override
            public int read(byte[] into, int from, int length) {
                LockSupport.parkNanos(20_000_000);
                into[from] = 'x';
                return ++given > 200 ? -1 : 1;
            }
        };
        assertThatThrownBy(() -> Body.read(trickle, 1_000_000, 900_000, Duration.ofMillis(200)))
                .isInstanceOfSatisfying(
                        KoshiException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TIMEOUT));
    }

    @Test
    void saysWhenABodyEndsEarly() {
        assertThatThrownBy(() -> Body.read(new ByteArrayInputStream(new byte[10]), 1_000, 11, LIMIT))
                .isInstanceOfSatisfying(
                        KoshiException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.PARSE_ERROR));
    }

    @Test
    void doesNotOpenWhatIsAnnouncedTooLarge() throws IOException {
        AtomicInteger opened = new AtomicInteger();
        Body.Opening body = () -> {
            opened.incrementAndGet();
            return new ByteArrayInputStream(new byte[10]);
        };
        assertThatThrownBy(() -> Body.read(body, 9, 10, LIMIT))
                .isInstanceOfSatisfying(
                        KoshiException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TOO_LARGE));
        assertThat(opened).hasValue(0);
        assertThat(Body.read(body, 10, 10, LIMIT)).hasSize(10);
    }

    @Test
    void saysSoWhereTheServerWrapsTheEndInAnotherException() {
        InputStream ends = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException(new EOFException("early"));
            }
        };
        assertThatThrownBy(() -> Body.read(ends, 1_000, 11, LIMIT))
                .isInstanceOfSatisfying(
                        KoshiException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.PARSE_ERROR));
    }

    @ParameterizedTest
    @ValueSource(strings = {"token=x", "a=b&access_token=x", "token", "x=1&secret=2&y=3", "api_key=1"})
    void refusesACredentialInTheQuery(String query) {
        assertThatThrownBy(() -> Body.refuseQueryToken(query)).isInstanceOf(KoshiException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a=token", "tokens=1", "mytoken=1", "x=access_token%3D"})
    void leavesOtherQueriesAlone(String query) {
        Body.refuseQueryToken(query);
        Body.refuseQueryToken(null);
    }
}
