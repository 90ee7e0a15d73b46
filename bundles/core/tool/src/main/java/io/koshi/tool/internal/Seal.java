package io.koshi.tool.internal;

import io.koshi.codec.Codec;
import io.koshi.tool.Approvals;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What an approval is bound to, as a number: the tool, its exact arguments, and what else the tool said it depends on. */
final class Seal {
    private Seal() {}

    /** SHA-256 in hex of JSON whose members are in order, so that equal requests have equal seals. */
    static String of(Codec codec, Approvals.Request request) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("tool", request.tool());
        all.put("arguments", ordered(request.arguments()));
        all.put("bound", ordered(request.bound()));
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(codec.json(all)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java has it
        }
    }

    private static Object ordered(Object value) {
        if (value instanceof Map<?, ?> map) {
            Map<String, Object> sorted = new TreeMap<>();
            map.forEach((key, member) -> sorted.put(String.valueOf(key), ordered(member)));
            return sorted;
        }
        return value instanceof List<?> list ? list.stream().map(Seal::ordered).toList() : value;
    }
}
