package io.koshi.frame.internal;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.codec.internal.RecordCodec;
import io.koshi.frame.Form;

/** Frames that anybody sends: what is none is refused as such, and every part of what is one can be read. */
class EnvelopeFuzz {
    private final RecordCodec codec = new RecordCodec();

    @FuzzTest(maxDuration = "60s")
    void readsOrRefuses(byte[] bytes) {
        for (Form form : Form.values()) {
            try {
                Envelope frame = Envelope.of(codec, form, bytes);
                switch (frame.type()) {
                    case "req" -> {
                        frame.method();
                        Registration.of(frame.params());
                    }
                    case "res" -> codec.json(frame.result());
                    default -> {
                        frame.topic();
                        codec.cbor(frame.payload());
                    }
                }
                frame.deadlineMs();
                frame.run();
            } catch (Malformed e) {
                if (e.id().isEmpty()) {
                    throw new AssertionError(e);
                }
            } catch (KoshiException e) {
                if (e.code() != ErrorCode.PARSE_ERROR && e.code() != ErrorCode.INVALID_PARAMS) {
                    throw e;
                }
            }
        }
    }
}
