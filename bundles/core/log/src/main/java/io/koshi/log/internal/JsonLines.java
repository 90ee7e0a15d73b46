package io.koshi.log.internal;

import static java.nio.charset.StandardCharsets.UTF_8;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.encoder.EncoderBase;
import java.util.Locale;
import java.util.function.UnaryOperator;

/**
 * One JSON object a line: {@code at} (ISO-8601, UTC), {@code level}, {@code logger}, {@code thread}, {@code message},
 * the logger's key-value pairs under {@code data}, and {@code error} with the stack trace. Thread-safe.
 */
final class JsonLines extends EncoderBase<ILoggingEvent> {
    private static final byte[] NOTHING = {};

    private static volatile UnaryOperator<String> redact = UnaryOperator.identity();

    /** From here on every line is written as this leaves it. */
    static void redact(UnaryOperator<String> hide) {
        redact = hide;
    }

    @Override
    public byte[] headerBytes() {
        return NOTHING;
    }

    @Override
    public byte[] footerBytes() {
        return NOTHING;
    }

    @Override
    public byte[] encode(ILoggingEvent event) {
        StringBuilder line = new StringBuilder(200);
        line.append('{');
        field(line, "at", event.getInstant().toString());
        field(line, "level", event.getLevel().toString().toLowerCase(Locale.ROOT));
        field(line, "logger", event.getLoggerName());
        field(line, "thread", event.getThreadName());
        field(line, "message", redact.apply(event.getFormattedMessage()));
        data(line, event);
        if (event.getThrowableProxy() != null) {
            field(line, "error", redact.apply(ThrowableProxyUtil.asString(event.getThrowableProxy())));
        }
        return line.append("}\n").toString().getBytes(UTF_8);
    }

    private static void data(StringBuilder line, ILoggingEvent event) {
        if (event.getKeyValuePairs() != null && !event.getKeyValuePairs().isEmpty()) {
            line.append(",\"data\":{");
            event.getKeyValuePairs().forEach(pair -> field(line, pair.key, redact.apply(String.valueOf(pair.value))));
            line.append('}');
        }
    }

    private static void field(StringBuilder line, String name, String value) {
        if (line.charAt(line.length() - 1) != '{') {
            line.append(',');
        }
        quote(line, name);
        line.append(':');
        quote(line, String.valueOf(value));
    }

    /** Escapes as RFC 8259 section 7 asks: the quote, the backslash and control characters. */
    private static void quote(StringBuilder line, String text) {
        line.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"', '\\' -> line.append('\\').append(c);
                case '\n' -> line.append("\\n");
                case '\t' -> line.append("\\t");
                default -> {
                    if (c < ' ') {
                        line.append(String.format("\\u%04x", (int) c));
                    } else {
                        line.append(c);
                    }
                }
            }
        }
        line.append('"');
    }
}
