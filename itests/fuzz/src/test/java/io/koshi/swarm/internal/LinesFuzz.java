package io.koshi.swarm.internal;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** JSON lines that anybody sends to the older hub's door: read, or refused with a sentence. */
class LinesFuzz {
    @FuzzTest(maxDuration = "60s")
    void readsOrRefuses(byte[] bytes) {
        try {
            PythonJson.parse(new String(bytes, java.nio.charset.StandardCharsets.UTF_8));
        } catch (RuntimeException e) {
            if (e.getMessage() == null || e instanceof IndexOutOfBoundsException || e instanceof ClassCastException) {
                throw e;
            }
        }
    }
}
