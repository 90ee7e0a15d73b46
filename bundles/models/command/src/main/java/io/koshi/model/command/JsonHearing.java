package io.koshi.model.command;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.codec.Codec;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.Consumer;

/** Objects in JSON, one for all or one a line. */
final class JsonHearing implements Hearing {
    /** The most characters of one object. */
    static final int MAX_OBJECT = 16_000_000;

    private final Codec codec;
    private final boolean lines;
    private final Consumer<Map<String, Object>> objects;
    private final StringBuilder waiting = new StringBuilder();

    /** @param lines whether each line is an object of its own */
    JsonHearing(Codec codec, boolean lines, Consumer<Map<String, Object>> objects) {
        this.codec = codec;
        this.lines = lines;
        this.objects = objects;
    }

    @Override
    public void hear(String characters) {
        int from = 0;
        for (int end = lines ? characters.indexOf('\n') : -1; end >= 0; end = characters.indexOf('\n', from)) {
            waiting.append(characters, from, end);
            take();
            from = end + 1;
        }
        waiting.append(characters, from, characters.length());
        if (waiting.length() > MAX_OBJECT) {
            throw new KoshiException(ErrorCode.TOO_LARGE, "the program printed more than can be an answer");
        }
    }

    @Override
    public void end() {
        take();
    }

    @SuppressWarnings("unchecked")
    private void take() {
        String text = waiting.toString().strip();
        waiting.setLength(0);
        if (text.isEmpty()) {
            return;
        }
        if (lines && !text.startsWith("{")) {
            return; // a program may print a warning between its objects
        }
        try {
            if (codec.parseJson(text.getBytes(StandardCharsets.UTF_8)) instanceof Map<?, ?> object) {
                objects.accept((Map<String, Object>) object);
                return;
            }
        } catch (KoshiException e) {
            if (e.code() != ErrorCode.PARSE_ERROR) {
                throw e;
            }
        }
        throw new KoshiException(
                ErrorCode.SERVICE_UNAVAILABLE, "the program printed what is no JSON object, or a part of one");
    }
}
