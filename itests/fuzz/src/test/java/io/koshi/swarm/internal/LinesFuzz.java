package io.koshi.swarm.internal;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;

/** JSON lines that anybody sends to the older hub's door: read, or refused with a sentence. */
class LinesFuzz {
    @FuzzTest(maxDuration = "60s")
    void readsOrRefuses(byte[] bytes) {
        try {
            PythonJson.parse(new String(bytes, StandardCharsets.UTF_8));
        } catch (Refusal e) {
            if (e.getMessage() == null) {
                throw e;
            }
        }
    }
}
