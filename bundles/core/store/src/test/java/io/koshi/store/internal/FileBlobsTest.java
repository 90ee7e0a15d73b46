package io.koshi.store.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileBlobsTest {
    private static final String HELLO = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

    @TempDir
    Path data;

    private static InputStream bytes(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void namesBytesByTheirHash() throws IOException {
        FileBlobs blobs = new FileBlobs(new FixedSettings(data));
        assertThat(blobs.put(bytes("hello"))).isEqualTo(HELLO);
        assertThat(blobs.put(bytes("hello"))).isEqualTo(HELLO);
        assertThat(blobs.open(HELLO)).hasContent("hello");
        assertThat(data.resolve("blobs/2c/" + HELLO)).hasContent("hello");
        assertThat(Files.list(data.resolve("blobs"))).hasSize(1);
    }

    @Test
    void leavesNothingOfAStreamThatBreaks() throws IOException {
        FileBlobs blobs = new FileBlobs(new FixedSettings(data));
        InputStream broken = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("the sender went away");
            }
        };
        assertThatThrownBy(() -> blobs.put(broken)).hasMessageContaining("went away");
        assertThat(Files.list(data.resolve("blobs"))).isEmpty();
    }

    @Test
    void removesWhatAKilledProcessLeft() throws IOException {
        Files.createDirectories(data.resolve("blobs"));
        Files.writeString(data.resolve("blobs/put-1.part"), "half");
        new FileBlobs(new FixedSettings(data));
        assertThat(Files.list(data.resolve("blobs"))).isEmpty();
    }

    @Test
    void opensOnlyWhatIsAReference() throws IOException {
        FileBlobs blobs = new FileBlobs(new FixedSettings(data));
        for (String ref : new String[] {"../koshi.db", "", HELLO, HELLO.toUpperCase(java.util.Locale.ROOT)}) {
            assertThatThrownBy(() -> blobs.open(ref))
                    .isInstanceOfSatisfying(
                            KoshiException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND));
        }
    }

    @Test
    void anInterruptedCallerStillStores() throws IOException {
        FileBlobs blobs = new FileBlobs(new FixedSettings(data));
        Thread.currentThread().interrupt();
        String ref = blobs.put(bytes("hello"));
        assertThat(Thread.interrupted()).isTrue();
        assertThat(blobs.open(ref)).hasContent("hello");
    }
}
