package io.koshi.swarm.internal;

import io.koshi.api.KoshiException;
import io.koshi.codec.Codec;
import java.io.ByteArrayOutputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletionException;

/** Answers as the older hub writes them: all three keys, and a text alone for an error. Thread-safe. */
final class Answers {
    private final Codec codec;

    Answers(Codec codec) {
        this.codec = codec;
    }

    byte[] result(Object id, Object result) {
        return line(id, result, null);
    }

    byte[] error(Object id, Throwable failure) {
        return line(id, null, Map.of("message", text(failure)));
    }

    static String text(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof KoshiException known && !known.details().isEmpty()) {
            return known.details().get(0).problem();
        }
        return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    }

    private byte[] line(Object id, Object result, Object error) {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("id", id);
        answer.put("result", result);
        answer.put("error", error);
        byte[] json = codec.json(answer);
        ByteArrayOutputStream line = new ByteArrayOutputStream(json.length + 1);
        line.writeBytes(json);
        line.write('\n');
        return line.toByteArray();
    }
}
