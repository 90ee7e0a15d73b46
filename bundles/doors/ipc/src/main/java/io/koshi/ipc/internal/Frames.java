package io.koshi.ipc.internal;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Problem;
import io.koshi.codec.Codec;
import io.koshi.event.Event;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes frames as CBOR (RFC 8949) behind their length; a payload is encoded once by the codec and spliced in.
 * Thread-safe.
 */
final class Frames {
    /** The id of an answer to something that had none. */
    static final String UNKNOWN = "unknown";

    private static final int TEXT = 3;
    private static final int MAP = 5;
    private static final byte TRUE = (byte) 0xf5;
    private static final byte[] RES = head(4, "type", "res", "id");
    private static final byte[] OK = join(text("ok"), new byte[] {TRUE}, text("payload"));
    private static final byte[] EVENT = head(5, "type", "event", "source");
    private static final byte[] EVENT_UNCOUNTED = head(4, "type", "event", "source");
    private static final byte[] NAME = text("event");
    private static final byte[] PAYLOAD = text("payload");
    private static final byte[] SEQ = text("seq");

    private final Codec codec;

    Frames(Codec codec) {
        this.codec = codec;
    }

    /** A successful answer. */
    byte[] answer(String id, Object payload) {
        return framed(RES, text(id), OK, codec.cbor(payload));
    }

    /** An answer that says why not. */
    byte[] refusal(String id, KoshiException why) {
        Map<String, Object> error = new LinkedHashMap<>();
        error.put("code", why.code().name());
        error.put("message", String.valueOf(why.getMessage()));
        if (!why.details().isEmpty()) {
            error.put("details", why.details().stream().map(Frames::detail).toList());
        }
        why.retryAfter().ifPresent(wait -> error.put("retryAfterMs", wait.toMillis()));
        Map<String, Object> frame = new LinkedHashMap<>();
        frame.put("type", "res");
        frame.put("id", id);
        frame.put("ok", false);
        frame.put("error", error);
        return framed(codec.cbor(frame));
    }

    byte[] refusal(String id, ErrorCode code, String message) {
        return refusal(id, new KoshiException(code, message));
    }

    /** An event in its place of the one sequence. */
    byte[] event(Event event) {
        return framed(
                EVENT,
                text(event.source()),
                NAME,
                text(event.topic()),
                PAYLOAD,
                codec.cbor(event.payload()),
                SEQ,
                number(0, event.seq()));
    }

    /** An event that concerns this connection alone and so has no number. */
    byte[] notice(String source, String topic, Object payload) {
        return framed(EVENT_UNCOUNTED, text(source), NAME, text(topic), PAYLOAD, codec.cbor(payload));
    }

    private static Map<String, Object> detail(Problem problem) {
        return Map.of("path", problem.path(), "problem", problem.problem());
    }

    private static byte[] framed(byte[]... parts) {
        byte[] all = join(4, parts);
        ByteBuffer.wrap(all).putInt(all.length - 4);
        return all;
    }

    private static byte[] join(byte[]... parts) {
        return join(0, parts);
    }

    private static byte[] join(int room, byte[]... parts) {
        int size = room;
        for (byte[] part : parts) {
            size += part.length;
        }
        byte[] all = new byte[size];
        int at = room;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
        }
        return all;
    }

    private static byte[] head(int pairs, String... texts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(number(MAP, pairs));
        List.of(texts).forEach(each -> out.writeBytes(text(each)));
        return out.toByteArray();
    }

    private static byte[] text(String text) {
        byte[] utf8 = text.getBytes(UTF_8);
        return join(number(TEXT, utf8.length), utf8);
    }

    /** The head of a data item: its major type and its number, in the shortest form. */
    private static byte[] number(int major, long value) {
        int type = major << 5;
        if (value < 24) {
            return new byte[] {(byte) (type | value)};
        }
        int bytes = value <= 0xff ? 1 : value <= 0xffff ? 2 : value <= 0xffff_ffffL ? 4 : 8;
        byte[] head = new byte[1 + bytes];
        head[0] = (byte) (type | 24 + Integer.numberOfTrailingZeros(bytes));
        for (int i = bytes; i > 0; i--, value >>>= 8) {
            head[i] = (byte) value;
        }
        return head;
    }
}
