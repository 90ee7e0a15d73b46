package io.koshi.config.internal;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileWatchTest {
    @TempDir
    Path home;

    @TempDir
    Path elsewhere;

    private final ExecutorService thread = Executors.newSingleThreadExecutor();
    private Path file;
    private volatile String seen = "";

    @BeforeEach
    void follow() throws IOException {
        file = home.resolve("koshi.yaml");
    }

    @AfterEach
    void end() {
        thread.shutdownNow();
    }

    private void begin() {
        FileWatch watch = new FileWatch(Set.of(file), 20, this::look);
        thread.submit(() -> {
            watch.run();
            return null;
        });
    }

    private void look() {
        try {
            seen = Files.readString(file).strip();
        } catch (IOException gone) {
            seen = "gone";
        }
    }

    private void sees(String text) {
        await().until(() -> seen.equals(text));
    }

    @Test
    void seesAFileThatIsWrittenTruncatedAndReplaced() throws IOException {
        Files.writeString(file, "one");
        begin();
        sees("one");
        Files.writeString(file, "two");
        sees("two");
        Files.move(Files.writeString(home.resolve("draft"), "three"), file, StandardCopyOption.ATOMIC_MOVE);
        sees("three");
        Files.delete(file);
        sees("gone");
        Files.writeString(file, "four");
        sees("four");
    }

    @Test
    void seesWhatALinkLeadsTo() throws IOException {
        Path target = Files.writeString(elsewhere.resolve("hub.yaml"), "one");
        Files.createSymbolicLink(file, target);
        begin();
        sees("one");
        Files.writeString(target, "two");
        sees("two");
        Files.move(Files.writeString(elsewhere.resolve("draft"), "three"), target, StandardCopyOption.ATOMIC_MOVE);
        sees("three");
    }

    @Test
    void seesALinkOnTheWayThatIsExchanged() throws IOException {
        for (String version : new String[] {"one", "two", "three"}) {
            Files.writeString(Files.createDirectory(elsewhere.resolve(version)).resolve("hub.yaml"), version);
        }
        Path current = Files.createSymbolicLink(elsewhere.resolve("current"), Path.of("one"));
        Files.createSymbolicLink(file, current.resolve("hub.yaml"));
        begin();
        sees("one");
        for (String version : new String[] {"two", "three"}) {
            Path next = Files.createSymbolicLink(elsewhere.resolve("next"), Path.of(version));
            Files.move(next, current, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            sees(version);
        }
        Files.writeString(elsewhere.resolve("three/hub.yaml"), "four");
        sees("four");
    }

    @Test
    void seesAFileWhoseLinkLedNowhere() throws IOException {
        Path target = elsewhere.resolve("later.yaml");
        Files.createSymbolicLink(file, target);
        begin();
        sees("gone");
        Files.writeString(target, "one");
        sees("one");
    }
}
