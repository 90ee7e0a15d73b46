package io.koshi.gateway.internal;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** WebSocket bytes that anybody sends: the same messages however they are cut, none longer than may be. */
class InflowFuzz {
    private static final int MOST = 2000;

    @FuzzTest(maxDuration = "60s")
    void isTheSameHoweverItIsCut(FuzzedDataProvider data) {
        int step = data.consumeInt(1, 50);
        byte[] bytes = data.consumeRemainingAsBytes();
        byte[] whole = read(bytes, bytes.length + 1);
        byte[] cut = read(bytes, step);
        if (!Arrays.equals(whole, cut)) {
            throw new AssertionError("cut by " + step);
        }
    }

    private static byte[] read(byte[] bytes, int step) {
        ByteArrayOutputStream heard = new ByteArrayOutputStream();
        Inflow inflow = new Inflow(() -> MOST);
        Inflow.Sink sink = new Inflow.Sink() {
            @Override
            public void message(boolean text, byte[] payload) {
                if (payload.length > MOST) {
                    throw new AssertionError(payload.length);
                }
                heard.write(text ? 1 : 2);
                heard.writeBytes(payload);
            }

            @Override
            public void control(int opcode, byte[] payload) {
                heard.write(opcode);
                heard.writeBytes(payload);
            }
        };
        try {
            for (int at = 0; at < bytes.length; at += step) {
                inflow.take(ByteBuffer.wrap(bytes, at, Math.min(step, bytes.length - at)), sink);
            }
        } catch (Violation e) {
            heard.write(e.code());
        }
        return heard.toByteArray();
    }
}
