package io.koshi.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FrameworkCacheTest {
    @TempDir
    Path directory;

    @Test
    void keepsTheStorageOfACleanStop() throws IOException {
        Path bundle = run(cache("build 1"));
        cache("build 1").close();

        cache("build 1").open();

        assertThat(bundle).exists();
    }

    @Test
    void throwsTheStorageOfACrashAway() throws IOException {
        Path bundle = run(cache("build 1"));

        cache("build 1").open();

        assertThat(bundle).doesNotExist();
    }

    @Test
    void throwsTheStorageOfAnotherBuildAway() throws IOException {
        Path bundle = run(cache("build 1"));
        cache("build 1").close();

        cache("build 2").open();

        assertThat(bundle).doesNotExist();
    }

    private FrameworkCache cache(String owner) {
        return new FrameworkCache(directory, owner);
    }

    private static Path run(FrameworkCache cache) throws IOException {
        cache.open();
        return Files.createFile(Files.createDirectories(cache.storage()).resolve("bundle1"));
    }
}
