package io.koshi.codec.internal;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import java.util.Arrays;
import java.util.Map;

/** CBOR that anybody sends: refused with PARSE_ERROR or read, and the scan agrees with the reader. */
class CborFuzz {
    private final RecordCodec codec = new RecordCodec();

    @FuzzTest(maxDuration = "60s")
    void readsOrRefuses(byte[] bytes) {
        Object read = null;
        boolean good = false;
        try {
            read = codec.parseCbor(bytes);
            good = true;
        } catch (KoshiException e) {
            check(e.code() == ErrorCode.PARSE_ERROR);
        }
        boolean scanned = false;
        try {
            codec.lazyCbor(bytes).size();
            scanned = true;
        } catch (KoshiException e) {
            check(e.code() == ErrorCode.PARSE_ERROR);
        }
        check(scanned == (good && read instanceof Map));
        if (good) {
            byte[] again = codec.cbor(codec.parseCbor(codec.cbor(read)));
            check(Arrays.equals(again, codec.cbor(read)));
            codec.json(read);
        }
    }

    private static void check(boolean holds) {
        if (!holds) {
            throw new AssertionError();
        }
    }
}
