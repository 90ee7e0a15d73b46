package io.koshi.log.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogFileTest {
    private static final int BYTES = 20_000;

    @TempDir
    Path logs;

    private final LoggerContext context = new LoggerContext();
    private final Logger logger = context.getLogger("io.koshi.test");

    @BeforeEach
    void setUp() {
        context.setMDCAdapter(new LogbackMDCAdapter()); // which slf4j does for the context of a process
    }

    @AfterEach
    void close() {
        context.stop();
    }

    @Test
    void keepsTheNewestLinesInFiveFilesOfLimitedSize() throws IOException {
        logger.addAppender(LogbackSetup.file(context, logs.resolve("koshi").toString(), BYTES));
        AtomicInteger written = new AtomicInteger();

        await().until(() -> {
            for (int i = 0; i < 20; i++) {
                logger.info("line {} {}", written.incrementAndGet(), "x".repeat(900));
            }
            return names().size() == 5
                    && !Files.readString(logs.resolve("koshi.4.log")).contains("line 1 ");
        });

        assertThat(names()).containsExactly("koshi.1.log", "koshi.2.log", "koshi.3.log", "koshi.4.log", "koshi.log");
        logger.info("line {} the newest", written.incrementAndGet());
        assertThat(logs.resolve("koshi.log")).content().contains("the newest");
        assertThat(first("koshi.1.log")).isLessThan(first("koshi.log")).isGreaterThan(first("koshi.2.log"));
    }

    @Test
    void startsANewFileSoonAfterTheOldOneIsFull() {
        logger.addAppender(LogbackSetup.file(context, logs.resolve("koshi").toString(), BYTES));

        await().until(() -> {
            logger.info("x".repeat(900));
            return names().contains("koshi.1.log");
        });
    }

    @Test
    void hidesWhatIsBelowTheLevelThatHolds() throws IOException {
        logger.addAppender(LogbackSetup.file(context, logs.resolve("koshi").toString(), BYTES));
        logger.setLevel(Level.INFO);
        logger.debug("not yet");
        logger.setLevel(Level.DEBUG);
        logger.debug("now");

        assertThat(logs.resolve("koshi.log")).content().contains("now").doesNotContain("not yet");
    }

    @Test
    void leavesOutTheWebServersWordsOfClientsThatWent() throws IOException {
        Logger web = context.getLogger("org.apache.felix.http");
        web.addAppender(LogbackSetup.file(context, logs.resolve("koshi").toString(), BYTES));
        web.error("went while it sent", new IOException(new EOFException("Early EOF")));
        web.error("went while it read", new SocketException("Connection reset"));
        web.error("went before it was written", new IllegalStateException("last already written"));
        web.error("a servlet failed", new IOException("no room on the disk"));
        web.error("a servlet is wrong", new IllegalStateException("written twice"));
        logger.addAppender(web.getAppender("file"));
        logger.error("a room failed", new EOFException("half a file"));

        assertThat(logs.resolve("koshi.log"))
                .content()
                .contains("a servlet failed", "a servlet is wrong", "a room failed")
                .doesNotContain("went while");
    }

    /** The number of a file's first line. */
    private int first(String file) throws IOException {
        return Integer.parseInt(Files.readString(logs.resolve(file)).replaceFirst("(?s).*?line (\\d+) .*", "$1"));
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(logs)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
