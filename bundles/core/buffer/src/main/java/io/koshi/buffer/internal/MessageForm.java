package io.koshi.buffer.internal;

import io.koshi.api.Address;
import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Message;
import io.koshi.api.Part;
import io.koshi.api.Trust;
import io.koshi.codec.Codec;
import io.koshi.codec.RawObject;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A message as the two columns it is kept in: the envelope as CBOR, and the fields as they came where they
 * are JSON text (first byte <code>{</code>), else as CBOR, whose maps begin with another byte.
 */
final class MessageForm {
    /** The largest message that is kept, in bytes of both columns. */
    static final int LARGEST = 32 << 20;

    private final Codec codec;

    MessageForm(Codec codec) {
        this.codec = codec;
    }

    /** What stands in the column {@code message}; the rest has columns of its own. */
    record Envelope(String sender, List<Part> parts, Instant at, Trust trust) {}

    /**
     * @param fields null where the message has none
     */
    record Columns(byte[] message, byte[] fields) {
        int size() {
            return message.length + (fields == null ? 0 : fields.length);
        }
    }

    /** @throws KoshiException TOO_LARGE; INVALID_PARAMS when the fields are no plain data */
    Columns write(Message message) {
        byte[] envelope = codec.cbor(new Envelope(message.sender(), message.parts(), message.at(), message.trust()));
        byte[] fields = null;
        if (message.fields() instanceof RawObject raw) {
            fields = raw.raw();
        } else if (!message.fields().isEmpty()) {
            fields = codec.cbor(message.fields());
        }
        Columns columns = new Columns(envelope, fields);
        if (columns.size() > LARGEST) {
            throw new KoshiException(
                    ErrorCode.TOO_LARGE,
                    "a message of " + columns.size() + " bytes is more than the buffer keeps (" + LARGEST
                            + "); put large parts into the blob store");
        }
        return columns;
    }

    Message read(Address from, Optional<String> externalId, int priority, Columns columns) {
        Envelope envelope = codec.fromData(codec.parseCbor(columns.message()), Envelope.class);
        return new Message(
                from,
                envelope.sender(),
                envelope.parts(),
                fields(columns.fields()),
                externalId,
                envelope.at(),
                priority,
                envelope.trust());
    }

    @SuppressWarnings("unchecked")
    private Map<String, Object> fields(byte[] fields) {
        if (fields == null) {
            return Map.of();
        }
        return isJson(fields) ? json(fields) : (Map<String, Object>) codec.parseCbor(fields);
    }

    /** Fields that were JSON text. */
    RawObject json(byte[] fields) {
        return (RawObject) codec.lazyObject(fields);
    }

    private static boolean isJson(byte[] fields) {
        for (byte b : fields) {
            if (b != ' ' && b != '\t' && b != '\r' && b != '\n') {
                return b == '{';
            }
        }
        return false;
    }
}
