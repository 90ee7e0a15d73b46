package io.koshi.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class OutflowTest {
    /** Takes so many writes, then none until it is told to. */
    private static final class Narrow implements Outflow.Pipe {
        private final StringBuilder taken = new StringBuilder();
        private int room;
        private boolean broken;

        @Override
        public boolean ready() {
            return room > 0;
        }

        @Override
        public void write(byte[] bytes) throws IOException {
            if (broken) {
                throw new IOException("gone");
            }
            room--;
            taken.append(new String(bytes, StandardCharsets.UTF_8));
        }

        @Override
        public void flush() {
            taken.append('|');
        }

        @Override
        public void end() {
            taken.append("end");
        }
    }

    private final Narrow pipe = new Narrow();
    private final Outflow out = new Outflow(pipe, 10);

    @Test
    void waitsUntilTheServerMayWriteAndKeepsTheOrder() {
        assertThat(out.add(bytes("a"))).isTrue();
        assertThat(pipe.taken).isEmpty();
        pipe.room = 2;
        out.writable();
        assertThat(out.add(bytes("b"))).isTrue();
        assertThat(out.add(bytes("c"))).isTrue();
        assertThat(pipe.taken).hasToString("a|b");
        pipe.room = 3;
        out.writable();
        assertThat(pipe.taken).hasToString("a|bc|");
    }

    @Test
    void endsWhenEverythingWasTaken() {
        out.writable();
        out.add(bytes("a"));
        out.end();
        assertThat(out.add(bytes("b"))).isFalse();
        assertThat(pipe.taken).isEmpty();
        pipe.room = 5;
        out.writable();
        assertThat(pipe.taken).hasToString("a|end");
        out.close();
        assertThat(pipe.taken).hasToString("a|end");
    }

    @Test
    void letsAClientGoThatDoesNotKeepUpOrIsGone() {
        out.writable();
        assertThat(out.add(bytes("12345"))).isTrue();
        assertThat(out.add(bytes("123456"))).isFalse();
        assertThat(pipe.taken).hasToString("end");

        Narrow gone = new Narrow();
        gone.room = 5;
        gone.broken = true;
        Outflow other = new Outflow(gone, 10);
        other.writable();
        assertThat(other.add(bytes("a"))).isFalse();
        assertThat(gone.taken).hasToString("end");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
