package io.koshi.task.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import java.io.IOException;
import java.io.Reader;

/**
 * The elements of a JSON list, as texts, one in memory at a time. It knows where an element ends, not whether it is
 * JSON. Confined to its reader.
 */
final class JsonPieces {
    private final Reader in;
    private boolean begun;
    private boolean any;
    private boolean ended;

    JsonPieces(Reader in) {
        this.in = in;
    }

    /**
     * The next element, null when there is none.
     *
     * @throws KoshiException PARSE_ERROR when this is no list, or not all of one
     */
    String next() throws IOException {
        if (!begun) {
            begun = true;
            if (character() != '[') {
                throw broken();
            }
        }
        if (ended) {
            return null;
        }
        StringBuilder text = new StringBuilder();
        int depth = 0;
        boolean quoted = false;
        while (true) {
            int c = in.read();
            if (c < 0) {
                throw broken();
            }
            if (!quoted && depth == 0 && (c == ',' || c == ']')) {
                return end(text.toString().strip(), c == ']');
            }
            text.append((char) c);
            if (quoted && c == '\\') {
                text.append((char) in.read());
            } else if (c == '"') {
                quoted = !quoted;
            } else if (!quoted) {
                depth += c == '[' || c == '{' ? 1 : c == ']' || c == '}' ? -1 : 0;
            }
        }
    }

    private String end(String text, boolean last) throws IOException {
        ended = last;
        if (last && character() >= 0) {
            throw broken(); // more behind the list
        }
        if (text.isEmpty() && (!last || any)) {
            throw broken(); // a comma too many
        }
        any = true;
        return text.isEmpty() ? null : text;
    }

    /** The next one that is not blank, -1 at the end. */
    private int character() throws IOException {
        int c = in.read();
        while (c >= 0 && Character.isWhitespace(c)) {
            c = in.read();
        }
        return c;
    }

    private static KoshiException broken() {
        return new KoshiException(ErrorCode.PARSE_ERROR, "this is no JSON list");
    }
}
