package io.koshi.listener.webhook;

import io.koshi.api.Address;
import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Message;
import io.koshi.api.Part;
import io.koshi.api.Trust;
import io.koshi.codec.Codec;
import io.koshi.codec.Fields;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Turns a verified request's body into a message. Thread-safe. */
final class Incoming {
    private static final int LONGEST_DEFAULT_TEXT = 4_000;
    private static final byte[] ITEMS = "{\"items\":".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] VALUE = "{\"value\":".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] CLOSE = {'}'};
    private static final byte[] EMPTY = {'{', '}'};

    private final Codec codec;
    private final String channel;
    private final int priority;

    Incoming(Codec codec, String channel, int priority) {
        this.codec = codec;
        this.channel = channel;
        this.priority = priority;
    }

    /**
     * @param contentType null where there is none: JSON if it looks so, else text
     * @throws KoshiException PARSE_ERROR for malformed JSON, INVALID_PARAMS for a type that is neither
     */
    Message message(Route route, Optional<String> externalId, String contentType, byte[] body) {
        boolean json = isJson(contentType, body);
        Map<String, Object> fields = Fields.before(codec, Map.of("route", route.name()), json ? object(body) : EMPTY);
        String text = route.text()
                .map(template -> template.of(fields))
                .orElseGet(() -> json ? beginning(body) : new String(body, charset(contentType)));
        return new Message(
                Address.of(channel, name(route.conversation(), fields, route)),
                name(route.sender(), fields, route),
                List.of(Part.text(text)),
                fields,
                externalId,
                Instant.now(),
                priority,
                route.verify() == Verify.NONE ? Trust.LOW : Trust.MEDIUM);
    }

    private static boolean isJson(String contentType, byte[] body) {
        if (contentType == null) {
            byte first = firstByte(body);
            return first == '{' || first == '[';
        }
        String type = contentType.toLowerCase(Locale.ROOT);
        int end = type.indexOf(';');
        String bare = (end < 0 ? type : type.substring(0, end)).strip();
        if (bare.equals("application/json") || bare.endsWith("+json")) {
            return true;
        }
        if (bare.startsWith("text/")) {
            return false;
        }
        throw KoshiException.invalid("", "send application/json or text/plain, not " + bare);
    }

    /** What is no object becomes one: a list under {@code items}, anything else under {@code value}. */
    private static byte[] object(byte[] json) {
        return switch (firstByte(json)) {
            case '{', 0 -> json;
            case '[' -> join(ITEMS, json, CLOSE);
            default -> join(VALUE, json, CLOSE);
        };
    }

    private static byte firstByte(byte[] text) {
        for (byte b : text) {
            if (b > ' ' || b < 0) {
                return b;
            }
        }
        return 0;
    }

    private static byte[] join(byte[] head, byte[] middle, byte[] end) {
        byte[] all = new byte[head.length + middle.length + end.length];
        System.arraycopy(head, 0, all, 0, head.length);
        System.arraycopy(middle, 0, all, head.length, middle.length);
        System.arraycopy(end, 0, all, head.length + middle.length, end.length);
        return all;
    }

    private static String beginning(byte[] json) {
        String text = new String(json, 0, Math.min(json.length, LONGEST_DEFAULT_TEXT), StandardCharsets.UTF_8);
        return json.length > LONGEST_DEFAULT_TEXT ? text + "…" : text;
    }

    private static Charset charset(String contentType) {
        int at = contentType == null ? -1 : contentType.toLowerCase(Locale.ROOT).indexOf("charset=");
        if (at < 0) {
            return StandardCharsets.UTF_8;
        }
        String name = contentType.substring(at + 8).split("[;\\s]", 2)[0].replace("\"", "");
        try {
            return Charset.forName(name);
        } catch (IllegalArgumentException e) {
            throw new KoshiException(ErrorCode.INVALID_PARAMS, "the charset " + name + " is not known here", e);
        }
    }

    /** A sender's or conversation's name on one line; the route's where the template finds nothing. */
    private static String name(Optional<Template> template, Map<String, Object> fields, Route route) {
        String found = template.map(one -> one.of(fields)).orElse("").strip();
        if (found.isEmpty()) {
            return route.name();
        }
        StringBuilder line = new StringBuilder();
        found.codePoints().limit(Address.MAX_CONVERSATION / 2).forEach(c -> line.appendCodePoint(c < ' ' ? ' ' : c));
        return line.toString();
    }
}
