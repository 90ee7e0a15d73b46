package io.koshi.http;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * Parses a stream of server-sent events (WHATWG HTML, 9.2.6) from bytes cut anywhere. Confined to one
 * thread.
 */
public final class EventStream {
    /** @param type {@code message} where the stream names none */
    public record Event(String type, String data) {}

    private static final int LINE_FEED = '\n';
    private static final int RETURN = '\r';
    private static final char BOM = '\uFEFF';

    private final Consumer<Event> listener;
    private final int limit;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream(256);
    private final StringBuilder data = new StringBuilder();
    private String type = "";
    private boolean first = true;
    private boolean afterReturn;

    /** @param limit the most characters one event may have */
    public EventStream(int limit, Consumer<Event> listener) {
        this.limit = limit;
        this.listener = listener;
    }

    /** @throws IllegalStateException when an event is longer than the limit */
    public void feed(ByteBuffer bytes) {
        while (bytes.hasRemaining()) {
            int b = bytes.get();
            if (b == LINE_FEED && afterReturn) {
                afterReturn = false;
                continue;
            }
            afterReturn = b == RETURN;
            if (b == LINE_FEED || b == RETURN) {
                line(line.toString(StandardCharsets.UTF_8));
                line.reset();
            } else {
                line.write(b);
                bounded(line.size() + data.length());
            }
        }
    }

    private void line(String read) {
        String text = first && !read.isEmpty() && read.charAt(0) == BOM ? read.substring(1) : read;
        first = false;
        if (text.isEmpty()) {
            dispatch();
            return;
        }
        int colon = text.indexOf(':');
        if (colon == 0) {
            return; // a comment
        }
        String field = colon < 0 ? text : text.substring(0, colon);
        String value = colon < 0 ? "" : text.substring(colon + 1);
        if (value.startsWith(" ")) {
            value = value.substring(1);
        }
        switch (field) {
            case "event" -> type = value;
            case "data" -> {
                data.append(value).append('\n');
                bounded(data.length());
            }
            default -> {} // id and retry are for clients that reconnect
        }
    }

    private void dispatch() {
        if (data.length() > 0) {
            data.setLength(data.length() - 1);
            listener.accept(new Event(type.isEmpty() ? "message" : type, data.toString()));
        }
        data.setLength(0);
        type = "";
    }

    private void bounded(int size) {
        if (size > limit) {
            throw new IllegalStateException("an event is longer than " + limit + " characters");
        }
    }
}
