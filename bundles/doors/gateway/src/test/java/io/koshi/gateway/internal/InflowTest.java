package io.koshi.gateway.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class InflowTest {
    private final List<String> heard = new ArrayList<>();
    private final Inflow inflow = new Inflow(() -> 1000);
    private final Inflow.Sink sink = new Inflow.Sink() {
        @Override
        public void message(boolean text, byte[] payload) {
            heard.add((text ? "text " : "binary ") + new String(payload, UTF_8));
        }

        @Override
        public void control(int opcode, byte[] payload) {
            heard.add(opcode + " " + new String(payload, UTF_8));
        }
    };

    private static byte[] frame(int first, String payload) {
        byte[] bytes = payload.getBytes(UTF_8);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(first);
        if (bytes.length < 126) {
            out.write(0x80 | bytes.length);
        } else {
            out.write(0x80 | 126);
            out.write(bytes.length >> 8);
            out.write(bytes.length);
        }
        byte[] mask = {1, 2, 3, 4};
        out.writeBytes(mask);
        for (int i = 0; i < bytes.length; i++) {
            out.write(bytes[i] ^ mask[i & 3]);
        }
        return out.toByteArray();
    }

    private void take(byte[]... parts) throws Violation {
        for (byte[] part : parts) {
            inflow.take(ByteBuffer.wrap(part), sink);
        }
    }

    @Test
    void readsTheExampleOfTheStandard() throws Violation { // RFC 6455, 5.7: a masked "Hello"
        take(HexFormat.of().parseHex("818537fa213d7f9f4d5158"));
        assertThat(heard).containsExactly("text Hello");
    }

    @Test
    void joinsFragmentsWithControlFramesBetweenThem() throws Violation {
        take(frame(0x01, "Hel"), frame(0x89, "you?"), frame(0x00, "l"), frame(0x80, "o"), frame(0x82, ""));
        assertThat(heard).containsExactly("9 you?", "text Hello", "binary ");
    }

    @Test
    void hearsTheSameHoweverTheBytesAreCut() throws Violation {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i < 40; i++) {
            all.writeBytes(frame(i % 3 == 0 ? 0x82 : 0x81, "x".repeat(i * 20)));
            all.writeBytes(frame(0x8A, "pong" + i));
        }
        byte[] bytes = all.toByteArray();
        take(bytes);
        List<String> whole = List.copyOf(heard);
        assertThat(whole).hasSize(80);
        Random random = new Random(3);
        for (int round = 0; round < 20; round++) {
            heard.clear();
            for (int at = 0; at < bytes.length; ) {
                int step = Math.min(bytes.length - at, 1 + random.nextInt(round < 5 ? 3 : 400));
                inflow.take(ByteBuffer.wrap(bytes, at, step), sink);
                at += step;
            }
            assertThat(heard).isEqualTo(whole);
        }
        assertThat(inflow.unfinishedMs()).isZero();
    }

    @Test
    void knowsSinceWhenAMessageIsUnfinished() throws Violation {
        assertThat(inflow.unfinishedMs()).isZero();
        byte[] frame = frame(0x81, "begun");
        inflow.take(ByteBuffer.wrap(frame, 0, 1), sink);
        Awaitility.await().until(() -> inflow.unfinishedMs() > 0);
        inflow.take(ByteBuffer.wrap(frame, 1, frame.length - 1), sink);
        assertThat(heard).containsExactly("text begun");
        assertThat(inflow.unfinishedMs()).isZero();
    }

    @Test
    void givesEachMessageItsOwnTime() throws Violation {
        byte[] both = new byte[2 * frame(0x81, "begun").length];
        System.arraycopy(frame(0x81, "begun"), 0, both, 0, both.length / 2);
        System.arraycopy(frame(0x81, "again"), 0, both, both.length / 2, both.length / 2);
        inflow.take(ByteBuffer.wrap(both, 0, 3), sink);
        Awaitility.await().until(() -> inflow.unfinishedMs() >= 300);
        long before = System.nanoTime();
        inflow.take(ByteBuffer.wrap(both, 3, both.length - 4), sink); // never between two messages
        assertThat(heard).containsExactly("text begun");
        assertThat(inflow.unfinishedMs()).isLessThanOrEqualTo((System.nanoTime() - before) / 1_000_000);
    }

    @Test
    void refusesWhatTheStandardForbidsAsSoonAsItIsSeen() {
        refused(new byte[] {(byte) 0x81, 2}, 1002); // not masked
        refused(new byte[] {(byte) 0xC1, (byte) 0x82}, 1002); // a reserved bit
        refused(frame(0x83, "a"), 1002);
        refused(frame(0x8B, "a"), 1002);
        refused(frame(0x80, "a"), 1002); // goes on with nothing
        refused(frame(0x09, "a"), 1002); // control in fragments
        refused(frame(0x89, "x".repeat(126)), 1002);
        refused(HexFormat.of().parseHex("88ffffffffffffffffa600000000"), 1002); // a negative length, found by fuzzing
        refused(frame(0x81, "x".repeat(1001)), 1009);
        refused(HexFormat.of().parseHex("81ffffffffffffffffff00000000"), 1002); // a negative length
    }

    @Test
    void aMessageInPiecesIsNotLongerThanOneInOne() throws Violation {
        take(frame(0x01, "x".repeat(600)));
        assertThatThrownBy(() -> take(frame(0x80, "x".repeat(600))))
                .isInstanceOfSatisfying(
                        Violation.class, e -> assertThat(e.code()).isEqualTo(1009));
    }

    @Test
    void aSecondMessageDoesNotBeginWithinTheFirst() throws Violation {
        take(frame(0x01, "first"));
        assertThatThrownBy(() -> take(frame(0x81, "second")))
                .isInstanceOfSatisfying(
                        Violation.class, e -> assertThat(e.code()).isEqualTo(1002));
    }

    private void refused(byte[] bytes, int code) {
        Inflow one = new Inflow(() -> 1000);
        assertThatThrownBy(() -> one.take(ByteBuffer.wrap(bytes), sink))
                .isInstanceOfSatisfying(
                        Violation.class, e -> assertThat(e.code()).isEqualTo(code));
    }
}
