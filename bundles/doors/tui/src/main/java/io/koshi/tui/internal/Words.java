package io.koshi.tui.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import java.util.LinkedHashMap;
import java.util.Map;

/** The messages of the older terminal: objects with a {@code type}, its members in the order it knows. */
final class Words {
    private Words() {}

    /** What a person typed. */
    record Typed(String conversation, String content) {}

    static Map<String, Object> of(String type, Object... members) {
        Map<String, Object> words = new LinkedHashMap<>();
        words.put("type", type);
        for (int i = 0; i < members.length; i += 2) {
            words.put((String) members[i], members[i + 1]);
        }
        return words;
    }

    /**
     * Reads {@code {"type":"user_message","content","conversation"?}}.
     *
     * @param usual the conversation where none is named
     * @throws KoshiException INVALID_PARAMS for anything else
     */
    static Typed typed(Object message, String usual) {
        if (message instanceof Map<?, ?> words
                && "user_message".equals(words.get("type"))
                && words.get("content") instanceof String content
                && !content.isBlank()) {
            return new Typed(
                    words.get("conversation") instanceof String named && !named.isBlank() ? named : usual, content);
        }
        throw new KoshiException(
                ErrorCode.INVALID_PARAMS, "send {\"type\":\"user_message\",\"content\":\"…\"}, with words in it");
    }
}
