package io.koshi.codec;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** Puts a few fields in front of a JSON object that came in, without building the object again. */
public final class Fields {
    private Fields() {}

    /**
     * The object with these fields, which win over its own of the same name; read lazily where it can be.
     *
     * @param object UTF-8 JSON text, an object; not changed
     * @param front names and values without a quote, a backslash or a control character; first in the
     *     result, so that finding one of them costs next to nothing
     * @throws KoshiException PARSE_ERROR as {@link Codec#lazyObject} of the object
     */
    public static Map<String, Object> before(Codec codec, Map<String, String> front, byte[] object) {
        int open = firstByte(object, 0);
        if (front.isEmpty() || open == object.length || object[open] != '{') {
            return codec.lazyObject(object); // which says what is wrong
        }
        try {
            return codec.lazyObject(splice(front, object, open + 1));
        } catch (KoshiException e) {
            if (e.code() != ErrorCode.PARSE_ERROR) {
                throw e;
            }
            return merge(codec, front, codec.lazyObject(object)); // malformed itself, or a name stands twice
        }
    }

    private static byte[] splice(Map<String, String> front, byte[] object, int rest) {
        StringBuilder text = new StringBuilder(128);
        char separator = '{';
        for (Map.Entry<String, String> field : front.entrySet()) {
            text.append(separator).append('"').append(plain(field.getKey())).append("\":\"");
            text.append(plain(field.getValue())).append('"');
            separator = ',';
        }
        int next = firstByte(object, rest);
        if (next < object.length && object[next] != '}') {
            text.append(',');
        }
        byte[] head = text.toString().getBytes(StandardCharsets.UTF_8);
        byte[] all = Arrays.copyOf(head, head.length + object.length - rest);
        System.arraycopy(object, rest, all, head.length, object.length - rest);
        return all;
    }

    private static Map<String, Object> merge(Codec codec, Map<String, String> front, Map<String, Object> object) {
        Map<String, Object> merged = new LinkedHashMap<>(front);
        object.forEach(merged::putIfAbsent);
        return codec.lazyObject(codec.json(merged));
    }

    private static String plain(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < ' ' || c == '"' || c == '\\') {
                throw KoshiException.invalid("", "a quote, a backslash or a control character cannot stand here");
            }
        }
        return text;
    }

    private static int firstByte(byte[] json, int from) {
        int at = from;
        while (at < json.length && (json[at] == ' ' || json[at] == '\n' || json[at] == '\r' || json[at] == '\t')) {
            at++;
        }
        return at;
    }
}
