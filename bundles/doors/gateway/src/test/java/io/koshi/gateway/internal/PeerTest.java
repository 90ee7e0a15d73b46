package io.koshi.gateway.internal;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** What a client of other people's sends (the cases are those of the Autobahn test suite), and what it hears. */
class PeerTest {
    private static final int SHORT = 0;
    private static final int TWO = 126;
    private static final int EIGHT = 127;

    private static byte[] frame(int first, byte[] payload, int form, long length) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(first);
        out.write(0x80 | (form == SHORT ? (int) length : form));
        for (int shift = form == TWO ? 8 : form == EIGHT ? 56 : -8; shift >= 0; shift -= 8) {
            out.write((int) (length >> shift));
        }
        byte[] mask = {0x37, (byte) 0xFA, 0x21, 0x3D};
        out.writeBytes(mask);
        for (int i = 0; i < payload.length; i++) {
            out.write(payload[i] ^ mask[i & 3]);
        }
        return out.toByteArray();
    }

    private static byte[] frame(int first, byte[] payload) {
        int form = payload.length < 126 ? SHORT : payload.length < 65536 ? TWO : EIGHT;
        return frame(first, payload, form, payload.length);
    }

    /** Of a text whose characters are the bytes. */
    private static byte[] frame(int first, String bytes) {
        return frame(first, bytes.getBytes(ISO_8859_1));
    }

    private static byte[] close(int code, String reason) {
        return frame(0x88, "" + (char) (code >> 8) + (char) (code & 255) + reason);
    }

    /** What was heard in return, a line a frame; sent in one piece, then byte by byte. */
    private static void says(String expected, byte[]... frames) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] each : frames) {
            all.writeBytes(each);
        }
        assertThat(answers(all.toByteArray(), Integer.MAX_VALUE)).isEqualTo(expected);
        if (all.size() < 10_000) {
            assertThat(answers(all.toByteArray(), 1)).as("byte by byte").isEqualTo(expected);
        }
    }

    private static String answers(byte[] bytes, int step) {
        Echo echo = new Echo();
        Peer peer = new Peer(echo, echo, () -> 1 << 20, Patience.USUAL, 0, gone -> {});
        peer.open();
        for (int at = 0; at < bytes.length && !echo.finished; at += Math.min(step, bytes.length - at)) {
            peer.read(ByteBuffer.wrap(bytes, at, Math.min(step, bytes.length - at)));
        }
        return String.join(", ", echo.heard());
    }

    /** Sends back what it hears. */
    private static class Echo implements Hearer, Pipe {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();
        private boolean finished;

        @Override
        public void opened(Peer peer) {
            // it waits to be spoken to
        }

        @Override
        public void message(Peer peer, boolean text, byte[] payload) {
            peer.send(text, payload);
            peer.flush();
        }

        @Override
        public void closed(int code, String reason) {
            // the transport's business
        }

        @Override
        public void write(ByteBuffer bytes, Done done) {
            while (bytes.hasRemaining()) {
                out.write(bytes.get());
            }
            done.written(null);
        }

        @Override
        public void readOn() {
            // reads always
        }

        @Override
        public void finish() {
            finished = true;
        }

        @Override
        public void close() {
            finished = true;
        }

        List<String> heard() {
            List<String> heard = new ArrayList<>();
            ByteBuffer in = ByteBuffer.wrap(out.toByteArray());
            while (in.hasRemaining()) {
                int opcode = in.get() & 15;
                int size = in.get() & 127;
                size = size == 126 ? in.getShort() & 65535 : size == 127 ? (int) in.getLong() : size;
                byte[] payload = new byte[size];
                in.get(payload);
                String text = new String(payload, UTF_8);
                String shown = size > 60 ? size + " bytes" : text;
                heard.add(
                        switch (opcode) {
                            case Inflow.TEXT -> "text " + shown;
                            case Inflow.BINARY -> "binary " + shown;
                            case Inflow.PONG -> "pong " + shown;
                            case Inflow.CLOSE ->
                                "close" + (size == 0 ? "" : " " + ((payload[0] & 255) << 8 | payload[1] & 255));
                            default -> "opcode " + opcode;
                        });
            }
            return heard;
        }
    }

    @Test
    void echoesMessagesOfEveryLength() {
        says("text ", frame(0x81, ""));
        says("binary ", frame(0x82, ""));
        for (int size : new int[] {125, 126, 127, 128, 65535, 65536, 1 << 20}) {
            says("binary " + size + " bytes", frame(0x82, "x".repeat(size)));
            says("text " + size + " bytes", frame(0x81, "x".repeat(size)));
        }
        says("close 1009", frame(0x82, new byte[0], EIGHT, (1 << 20) + 1));
        says("close 1009", frame(0x82, new byte[0], EIGHT, 1L << 40));
    }

    @Test
    void takesALengthInMoreBytesThanItNeeds() {
        says("text hello", frame(0x81, "hello".getBytes(UTF_8), TWO, 5));
        says("text hello", frame(0x81, "hello".getBytes(UTF_8), EIGHT, 5));
    }

    @Test
    void refusesALengthWithItsHighestBitSet() {
        says("close 1002", frame(0x81, new byte[0], EIGHT, Long.MIN_VALUE | 5));
    }

    @Test
    void answersPingsWithWhatTheyCarry() {
        says("pong ", frame(0x89, ""));
        says("pong hello", frame(0x89, "hello"));
        says("pong 125 bytes", frame(0x89, "\u00fe".repeat(125)));
        says("close 1002", frame(0x89, "x".repeat(126)));
        says("", frame(0x8A, "nobody asked"));
        says("pong 1, pong 2, text hi", frame(0x89, "1"), frame(0x8A, ""), frame(0x89, "2"), frame(0x81, "hi"));
    }

    @Test
    void joinsFragmentsWhateverComesBetween() {
        says("text onetwo", frame(0x01, "one"), frame(0x80, "two"));
        says("pong in between, text onetwo", frame(0x01, "one"), frame(0x89, "in between"), frame(0x80, "two"));
        says("text onetwo", frame(0x01, ""), frame(0x00, "one"), frame(0x00, ""), frame(0x00, "two"), frame(0x80, ""));
        says("binary onetwo", frame(0x02, "one"), frame(0x80, "two"));
        says("close 1000", frame(0x01, "one"), close(1000, ""));
    }

    @Test
    void refusesFragmentsOutOfPlace() {
        says("close 1002", frame(0x80, "nothing to go on"));
        says("close 1002", frame(0x00, "nothing to go on"));
        says("text whole, close 1002", frame(0x81, "whole"), frame(0x80, "again"));
        says("close 1002", frame(0x01, "one"), frame(0x81, "two"));
        says("close 1002", frame(0x09, "a ping in pieces"));
    }

    @Test
    void refusesReservedBitsAndOpcodesAndWhatIsNotMasked() {
        for (int bit : new int[] {0x40, 0x20, 0x10}) {
            says("close 1002", frame(0x81 | bit, "text"));
            says("close 1002", frame(0x89 | bit, ""));
            says("close 1002", frame(0x88 | bit, ""));
        }
        for (int opcode : new int[] {3, 4, 5, 6, 7, 11, 12, 13, 14, 15}) {
            says("close 1002", frame(0x80 | opcode, ""));
            says("close 1002", frame(0x80 | opcode, "some"));
        }
        says("close 1002", new byte[] {(byte) 0x81, 2, 'h', 'i'});
        says("text good, close 1002", frame(0x81, "good"), frame(0x83, "bad"), frame(0x81, "too late"));
    }

    @Test
    void takesAnyCharacterHoweverItIsCut() {
        String text =
                "\u03ba\u1f79\u03c3\u03bc\u03b5 \u0000\u007f\u0080\u07ff\u0800\ud7ff\ue000\uffff\ud83d\ude00\udbff\udfff";
        byte[] bytes = text.getBytes(UTF_8);
        says("text " + text, frame(0x81, bytes));
        for (int cut = 0; cut <= bytes.length; cut++) {
            byte[] head = Arrays.copyOf(bytes, cut);
            byte[] tail = Arrays.copyOfRange(bytes, cut, bytes.length);
            says("text " + text, frame(0x01, head), frame(0x80, tail));
        }
    }

    @Test
    void refusesTextThatIsNoUtf8() {
        for (String bad : List.of(
                "\u0080",
                "\u00bf",
                "\u00c0\u00af",
                "\u00c1\u00bf",
                "\u00e0\u0080\u00af",
                "\u00e0\u009f\u00bf",
                "\u00ed\u00a0\u0080",
                "\u00ed\u00bf\u00bf",
                "\u00f0\u0080\u0080\u00af",
                "\u00f0\u008f\u00bf\u00bf",
                "\u00f4\u0090\u0080\u0080",
                "\u00f5",
                "\u00f8\u0088\u0080\u0080\u0080",
                "\u00fe",
                "\u00ff",
                "\u00ce",
                "\u00e1\u00bd",
                "\u00f0\u009f\u0098",
                "\u00ce\u0041")) {
            says("close 1007", frame(0x81, "before " + bad));
            says("close 1007", frame(0x01, "before "), frame(0x80, bad));
            says("binary before " + new String(bad.getBytes(ISO_8859_1), UTF_8), frame(0x82, "before " + bad));
        }
    }

    @Test
    void refusesBadTextBeforeTheRestOfItHasCome() {
        says("close 1007", frame(0x01, "\u00ff")); // a fragment, and more would follow
        byte[] begun = frame(0x81, "\u00ff\u00ff".getBytes(ISO_8859_1), TWO, 1000);
        says("close 1007", begun);
    }

    @Test
    void answersACloseWithItsCode() {
        says("close", frame(0x88, ""));
        says("close 1000", close(1000, ""), frame(0x89, "too late"), frame(0x81, "too late"));
        says("close 1000", close(1000, "x".repeat(123)));
        for (int code :
                new int[] {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1014, 3000, 3999, 4000, 4999}) {
            says("close " + code, close(code, "why"));
        }
    }

    @Test
    void refusesACloseThatNobodyMaySend() {
        for (int code : new int[] {0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535}) {
            says("close 1002", close(code, ""));
        }
        says("close 1002", frame(0x88, "\u0003"));
        says("close 1002", close(1000, "x".repeat(124)));
        says("close 1007", close(1000, "\u00ce\u00ba\u00e1\u00bd"));
        says("close 1007", close(1000, "\u00ff"));
    }

    @Test
    void partsWithAClientWhoseMessageDoesNotEnd() {
        Echo echo = new Echo();
        Peer peer = new Peer(echo, echo, () -> 1 << 20, new Patience(50, 60_000), 0, gone -> {});
        peer.open();
        peer.read(ByteBuffer.wrap(new byte[] {(byte) 0x81, (byte) 0x85, 0, 0, 0, 0, 'h'}));
        await().until(() -> {
            peer.read(ByteBuffer.wrap(new byte[0])); // a drop now and then does not help
            peer.lookAfter(System.nanoTime(), 60_000);
            return !echo.heard().isEmpty();
        });
        assertThat(echo.heard()).containsExactly("close 1008");
    }

    @Test
    void partsWithAClientThatTakesNothing() {
        Echo echo = new Echo() {
            @Override
            public void write(ByteBuffer bytes, Done done) {
                // as a network that has no room
            }
        };
        AtomicBoolean forgotten = new AtomicBoolean();
        Peer peer = new Peer(echo, echo, () -> 1 << 20, new Patience(60_000, 50), 0, gone -> forgotten.set(true));
        peer.open();
        peer.send(true, new byte[10]);
        peer.flush();
        await().until(() -> {
            peer.lookAfter(System.nanoTime(), 60_000);
            return forgotten.get();
        });
        assertThat(peer.waiting()).isZero();
    }

    @Test
    void partsWithAClientThatIsSilentForThreePings() {
        Echo echo = new Echo();
        AtomicBoolean forgotten = new AtomicBoolean();
        long before = System.nanoTime();
        Peer peer = new Peer(echo, echo, () -> 1 << 20, Patience.USUAL, 1000, gone -> forgotten.set(true));
        peer.open();
        long after = System.nanoTime();
        peer.lookAfter(before + 2_900_000_000L, 60_000);
        assertThat(forgotten).isFalse();
        peer.lookAfter(after + 3_100_000_000L, 60_000);
        assertThat(forgotten).isTrue();
    }
}
