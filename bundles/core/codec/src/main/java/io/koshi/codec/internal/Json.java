package io.koshi.codec.internal;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.codec.Codec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads JSON (RFC 8259) strictly: UTF-8 only, one value, no key twice, nothing after it. Thread-safe. */
final class Json {
    /** Most digits in a number. */
    static final int MAX_NUMBER = 1000;

    private static final JsonFactory FACTORY = new JsonFactoryBuilder()
            .disable(JsonFactory.Feature.CHARSET_DETECTION)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(Codec.MAX_DEPTH)
                    .maxNumberLength(MAX_NUMBER)
                    .maxStringLength(Integer.MAX_VALUE)
                    .maxNameLength(64 * 1024)
                    .build())
            .build();

    /** What is read with a parser. */
    interface Reading<T> {
        T read(JsonParser parser) throws IOException;
    }

    private Json() {}

    static Object parse(byte[] utf8) {
        int fault = Utf8.firstFault(utf8, 0, utf8.length);
        if (fault >= 0) {
            throw malformed("this is no UTF-8", fault, null);
        }
        return read(utf8, 0, utf8.length, parser -> {
            parser.nextToken();
            Object value = value(parser);
            end(parser);
            return value;
        });
    }

    /** Reads a part of a text that was checked before. */
    static <T> T read(byte[] utf8, int from, int to, Reading<T> reading) {
        try (JsonParser parser = FACTORY.createParser(utf8, from, to - from)) {
            try {
                return reading.read(parser);
            } catch (JsonEOFException e) {
                throw malformed("the text ends too early", utf8.length, e);
            } catch (StreamConstraintsException e) {
                throw malformed(
                        "nested deeper than " + Codec.MAX_DEPTH + ", or a number or name is too long", at(parser), e);
            } catch (IOException | NumberFormatException | IllegalStateException e) {
                throw malformed("this is not expected here", at(parser), e);
            }
        } catch (IOException e) {
            throw malformed("this is not expected here", 0, e);
        }
    }

    /** The value the parser stands at. */
    static Object value(JsonParser parser) throws IOException {
        JsonToken token = parser.currentToken();
        if (token == null) {
            throw malformed("there is no value", at(parser), null);
        }
        return switch (token) {
            case START_OBJECT -> object(parser);
            case START_ARRAY -> list(parser);
            default -> scalar(parser);
        };
    }

    private static Map<String, Object> object(JsonParser parser) throws IOException {
        Map<String, Object> map = new LinkedHashMap<>();
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            parser.nextToken();
            int before = map.size();
            map.put(name, value(parser));
            if (map.size() == before) {
                throw malformed("a key stands here twice in one object", at(parser), null);
            }
        }
        return map;
    }

    private static List<Object> list(JsonParser parser) throws IOException {
        List<Object> list = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            list.add(value(parser));
        }
        return list;
    }

    static Object scalar(JsonParser parser) throws IOException {
        return switch (parser.currentToken()) {
            case VALUE_STRING -> parser.getText();
            case VALUE_NUMBER_INT ->
                parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
                        ? parser.getBigIntegerValue()
                        : (Object) parser.getLongValue();
            case VALUE_NUMBER_FLOAT -> Numbers.fromText(parser.getText());
            case VALUE_TRUE -> Boolean.TRUE;
            case VALUE_FALSE -> Boolean.FALSE;
            case VALUE_NULL -> null;
            default -> throw malformed("this is not expected here", at(parser), null);
        };
    }

    /** Checks that nothing follows. */
    static void end(JsonParser parser) throws IOException {
        if (parser.nextToken() != null) {
            throw malformed("something follows the value", at(parser), null);
        }
    }

    static long at(JsonParser parser) {
        return Math.max(0, parser.currentLocation().getByteOffset());
    }

    static KoshiException malformed(String why, long at, Exception cause) {
        return new KoshiException(ErrorCode.PARSE_ERROR, "malformed JSON at byte " + at + ": " + why, cause);
    }
}
