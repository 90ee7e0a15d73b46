package io.koshi.codec.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.codec.Codec;
import io.koshi.codec.RawCbor;
import io.koshi.codec.RawObject;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;

/** Walks a value, of records or plain data, into a sink; what it is decides, not what it was declared as. */
final class Writing {
    /** Twice what is read from outside, since what was read is sent on inside of something. */
    static final int MAX_DEPTH = 2 * Codec.MAX_DEPTH;

    private static final Key TYPE = Key.of("type");

    /** What was formatted last, since an answer says the same moment many times. */
    private static volatile Moment last = new Moment(Instant.EPOCH, Instant.EPOCH.toString());

    private record Moment(Instant at, String text) {}

    private Writing() {}

    static void write(Object value, Sink sink, int depth) {
        if (value == null) {
            sink.nothing();
        } else if (value instanceof String text) {
            sink.text(text);
        } else if (value instanceof Number number) {
            number(number, sink);
        } else if (value instanceof Boolean truth) {
            sink.truth(truth);
        } else if (value instanceof Record record) {
            record(record, sink, depth);
        } else if (value instanceof Map<?, ?> map) {
            map(map, sink, depth);
        } else if (value instanceof Collection<?> list) {
            list(list, sink, depth);
        } else if (value instanceof Enum<?> constant) {
            sink.text(Shapes.ENUMS.get(constant.getDeclaringClass()).name(constant));
        } else if (value instanceof Optional<?> optional) {
            write(optional.orElse(null), sink, depth);
        } else {
            simple(value, sink);
        }
    }

    private static void record(Record record, Sink sink, int depth) {
        RecordShape shape = Shapes.RECORDS.get(record.getClass());
        if (shape.scalar()) {
            scalar(record.toString(), sink);
            return;
        }
        check(depth);
        Member[] components = shape.components();
        int count = 0;
        int mark = sink.startMap(components.length + (shape.tag() == null ? 0 : 1));
        if (shape.tag() != null) {
            sink.key(TYPE);
            sink.text(shape.tag());
            count++;
        }
        for (Member component : components) {
            Object value = component.of(record);
            if (value instanceof Optional<?> optional) {
                value = optional.orElse(null);
            }
            if (value != null) {
                sink.key(component.key());
                write(value, sink, depth + 1);
                count++;
            }
        }
        sink.endMap(mark, count);
    }

    /** A record that is read by its own {@code parse}: a number where its text is one. */
    private static void scalar(String text, Sink sink) {
        boolean digits = !text.isEmpty() && text.length() <= 18 && text.chars().allMatch(c -> c >= '0' && c <= '9');
        if (digits) {
            sink.whole(Long.parseLong(text));
        } else {
            sink.text(text);
        }
    }

    private static void map(Map<?, ?> map, Sink sink, int depth) {
        if (map instanceof RawObject raw && sink.raw(raw)) {
            return;
        }
        if (map instanceof RawCbor raw && sink.raw(raw)) {
            return;
        }
        check(depth);
        int mark = sink.startMap(map.size());
        int count = 0;
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            sink.key(name(entry.getKey()));
            write(entry.getValue(), sink, depth + 1);
            count++;
        }
        sink.endMap(mark, count);
    }

    private static String name(Object key) {
        if (key instanceof String name) {
            return name;
        }
        if (key instanceof Enum<?> constant) {
            return Shapes.ENUMS.get(constant.getDeclaringClass()).name(constant);
        }
        throw refused("a map's key must be a string, not "
                + (key == null ? "null" : key.getClass().getName()));
    }

    private static void list(Collection<?> list, Sink sink, int depth) {
        check(depth);
        Object[] items = list.toArray();
        sink.startList(items.length);
        for (Object item : items) {
            write(item, sink, depth + 1);
        }
        sink.endList();
    }

    private static void number(Number number, Sink sink) {
        if (number instanceof Long || number instanceof Integer || number instanceof Short || number instanceof Byte) {
            sink.whole(number.longValue());
        } else if (number instanceof Double || number instanceof Float) {
            double value = number instanceof Float ? Double.parseDouble(number.toString()) : number.doubleValue();
            if (!Double.isFinite(value)) {
                throw refused("a number that is not finite has no place in JSON or CBOR here");
            }
            sink.real(value);
        } else if (number instanceof BigInteger big) {
            sink.whole(big);
        } else if (number instanceof BigDecimal big) {
            sink.real(big);
        } else {
            throw refused(number.getClass().getName() + " is no number of plain data");
        }
    }

    private static void simple(Object value, Sink sink) {
        if (value instanceof Instant at) {
            sink.text(text(at));
        } else if (value instanceof URI || value instanceof Path || value instanceof Character) {
            sink.text(value.toString());
        } else if (value instanceof Duration duration) {
            sink.whole(duration.toMillis());
        } else if (value instanceof byte[] bytes) {
            sink.bytes(bytes);
        } else {
            throw refused(value.getClass().getName() + " is no record and no plain data; make it one");
        }
    }

    private static String text(Instant at) {
        Moment known = last;
        if (known.at() != at) {
            known = new Moment(at, at.toString());
            last = known;
        }
        return known.text();
    }

    private static void check(int depth) {
        if (depth >= MAX_DEPTH) {
            throw refused("data is nested deeper than " + MAX_DEPTH + "; does it contain itself?");
        }
    }

    private static KoshiException refused(String why) {
        return new KoshiException(ErrorCode.INTERNAL, "cannot write this value: " + why);
    }
}
