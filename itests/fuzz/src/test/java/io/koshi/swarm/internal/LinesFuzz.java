package io.koshi.swarm.internal;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** JSON lines that anybody sends to the older hub's door: read, or refused with a sentence. */
class LinesFuzz {
    @FuzzTest(maxDuration = "60s")
    void readsOrRefuses(byte[] bytes) {
        try {
            PythonJson.parse(Utf8.text(bytes));
        } catch (Refusal e) {
            if (e.getMessage() == null) {
                throw e;
            }
        }
    }
}
