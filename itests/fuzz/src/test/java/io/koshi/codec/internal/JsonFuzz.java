package io.koshi.codec.internal;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import java.util.Map;

/** JSON that anybody sends: refused with PARSE_ERROR or read, and the scan agrees with the reader. */
class JsonFuzz {
    private final RecordCodec codec = new RecordCodec();

    @FuzzTest(maxDuration = "60s")
    void readsOrRefuses(byte[] bytes) {
        boolean object = false;
        try {
            Object read = codec.parseJson(bytes);
            object = read instanceof Map;
            codec.parseJson(codec.json(read));
            codec.cbor(read);
        } catch (KoshiException e) {
            check(e.code() == ErrorCode.PARSE_ERROR);
        }
        boolean scanned = false;
        try {
            codec.lazyObject(bytes).size();
            scanned = true;
        } catch (KoshiException e) {
            check(e.code() == ErrorCode.PARSE_ERROR);
        }
        check(scanned == object);
    }

    private static void check(boolean holds) {
        if (!holds) {
            throw new AssertionError();
        }
    }
}
