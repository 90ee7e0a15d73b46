package io.koshi.log.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class JsonLinesTest {
    private final LoggerContext context = new LoggerContext();

    @Test
    void writesOneObjectALine() {
        LoggingEvent event = event("it's \"quoted\"\nand \\ broken\u0001", null);

        assertThat(encode(event))
                .isEqualTo("{\"at\":\"2025-01-02T03:04:05Z\",\"level\":\"warn\",\"logger\":\"io.koshi.x\","
                        + "\"thread\":\"main\",\"message\":\"it's \\\"quoted\\\"\\nand \\\\ broken\\u0001\"}\n");
    }

    @Test
    void keepsTheStackTraceInTheSameLine() {
        String line = encode(event("no", new IllegalStateException("because")));

        assertThat(line.lines()).hasSize(1);
        assertThat(line).contains("\"error\":\"java.lang.IllegalStateException: because\\n\\tat ");
    }

    private LoggingEvent event(String message, Throwable error) {
        LoggingEvent event =
                new LoggingEvent("fqcn", context.getLogger("io.koshi.x"), Level.WARN, message, error, new Object[0]);
        event.setInstant(Instant.parse("2025-01-02T03:04:05Z"));
        event.setThreadName("main");
        return event;
    }

    private static String encode(LoggingEvent event) {
        return new String(new JsonLines().encode(event), UTF_8);
    }
}
