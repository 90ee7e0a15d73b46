package io.koshi.codec.internal;

import com.fasterxml.jackson.core.JsonToken;

/** Checks that bytes are one well-formed JSON object, without building anything. */
final class WellFormed {
    private WellFormed() {}

    static void object(byte[] utf8) {
        Json.read(utf8, true, parser -> {
            parser.enable(com.fasterxml.jackson.core.JsonParser.Feature.STRICT_DUPLICATE_DETECTION);
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw Json.malformed("an object is expected", 0, null);
            }
            parser.skipChildren();
            Json.end(parser);
            return null;
        });
    }
}
