package io.koshi.frame.internal;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Problem;
import io.koshi.codec.Codec;
import io.koshi.event.Event;
import io.koshi.frame.Form;
import java.io.ByteArrayOutputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes frames as JSON (RFC 8259) or CBOR (RFC 8949); a payload is encoded once by the codec, or not at all where it
 * still has its bytes, and spliced in. Thread-safe.
 */
final class Wording {
    /** The id of an answer to something that had none. */
    static final String UNKNOWN = "unknown";

    private static final int TEXT = 3;
    private static final int MAP = 5;

    private final Codec codec;
    private final Map<Form, Phrases> phrases = Map.of(
            Form.CBOR,
            new Phrases(
                    head(4, "type", "res", "id"),
                    join(text("ok"), new byte[] {(byte) 0xf5}, text("payload")),
                    head(5, "type", "req", "id"),
                    text("target"),
                    text("method"),
                    text("params"),
                    head(5, "type", "event", "source"),
                    head(4, "type", "event", "source"),
                    text("event"),
                    text("payload"),
                    text("seq"),
                    new byte[0]),
            Form.JSON,
            new Phrases(
                    utf8("{\"type\":\"res\",\"id\":"),
                    utf8(",\"ok\":true,\"payload\":"),
                    utf8("{\"type\":\"req\",\"id\":"),
                    utf8(",\"target\":"),
                    utf8(",\"method\":"),
                    utf8(",\"params\":"),
                    utf8("{\"type\":\"event\",\"source\":"),
                    utf8("{\"type\":\"event\",\"source\":"),
                    utf8(",\"event\":"),
                    utf8(",\"payload\":"),
                    utf8(",\"seq\":"),
                    utf8("}")));

    /** What stands between the values of a frame. */
    private record Phrases(
            byte[] answer,
            byte[] ok,
            byte[] request,
            byte[] target,
            byte[] method,
            byte[] params,
            byte[] event,
            byte[] notice,
            byte[] name,
            byte[] payload,
            byte[] seq,
            byte[] end) {}

    Wording(Codec codec) {
        this.codec = codec;
    }

    /** A successful answer. */
    byte[] answer(Form form, String id, Object payload) {
        Phrases with = phrases.get(form);
        return join(with.answer, value(form, id), with.ok, value(form, payload), with.end);
    }

    /** An answer that says why not. */
    byte[] refusal(Form form, String id, KoshiException why) {
        Map<String, Object> error = new LinkedHashMap<>();
        error.put("code", why.code().name());
        error.put("message", String.valueOf(why.getMessage()));
        if (!why.details().isEmpty()) {
            error.put("details", why.details().stream().map(Wording::detail).toList());
        }
        why.retryAfter().ifPresent(wait -> error.put("retryAfterMs", wait.toMillis()));
        Map<String, Object> frame = new LinkedHashMap<>();
        frame.put("type", "res");
        frame.put("id", id);
        frame.put("ok", false);
        frame.put("error", error);
        return value(form, frame);
    }

    byte[] refusal(Form form, String id, ErrorCode code, String message) {
        return refusal(form, id, new KoshiException(code, message));
    }

    /** A call that goes on to a service, under an id of the hub's own. */
    byte[] request(Form form, String id, String service, String method, Map<String, Object> params) {
        Phrases with = phrases.get(form);
        return join(
                with.request,
                value(form, id),
                with.target,
                value(form, service),
                with.method,
                value(form, method),
                with.params,
                value(form, params),
                with.end);
    }

    /** An event in its place of the one sequence. */
    byte[] event(Form form, Event event) {
        Phrases with = phrases.get(form);
        return join(
                with.event,
                value(form, event.source()),
                with.name,
                value(form, event.topic()),
                with.payload,
                value(form, event.payload()),
                with.seq,
                value(form, event.seq()),
                with.end);
    }

    /** An event that concerns one connection alone and so has no number. */
    byte[] notice(Form form, String source, String topic, Object payload) {
        Phrases with = phrases.get(form);
        return join(
                with.notice,
                value(form, source),
                with.name,
                value(form, topic),
                with.payload,
                value(form, payload),
                with.end);
    }

    private byte[] value(Form form, Object value) {
        return form == Form.JSON ? codec.json(value) : codec.cbor(value);
    }

    private static Map<String, Object> detail(Problem problem) {
        return Map.of("path", problem.path(), "problem", problem.problem());
    }

    private static byte[] join(byte[]... parts) {
        int size = 0;
        for (byte[] part : parts) {
            size = Math.addExact(size, part.length);
        }
        byte[] all = new byte[size];
        int at = 0;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
        }
        return all;
    }

    private static byte[] utf8(String text) {
        return text.getBytes(UTF_8);
    }

    private static byte[] head(int pairs, String... texts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(MAP << 5 | pairs);
        List.of(texts).forEach(each -> out.writeBytes(text(each)));
        return out.toByteArray();
    }

    /** A text of fewer than 24 bytes. */
    private static byte[] text(String text) {
        byte[] utf8 = utf8(text);
        return join(new byte[] {(byte) (TEXT << 5 | utf8.length)}, utf8);
    }
}
