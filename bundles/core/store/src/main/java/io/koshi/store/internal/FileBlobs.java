package io.koshi.store.internal;

import io.koshi.api.Blobs;
import io.koshi.api.KoshiException;
import io.koshi.config.Settings;
import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/**
 * Keeps large bytes as {@code data/blobs/ab/abcd…}, named by their SHA-256. A blob is written under
 * another name, synced, renamed and its directory synced: what has its name is whole. Thread-safe.
 */
@Component(name = "io.koshi.store.blobs", service = Blobs.class, configurationPolicy = ConfigurationPolicy.IGNORE)
public final class FileBlobs implements Blobs {
    private static final String REF = "[0-9a-f]{64}";

    private final Path directory;

    @Activate
    public FileBlobs(@Reference Settings settings) throws IOException {
        this.directory = Files.createDirectories(settings.data().resolve("blobs"));
        removeUnfinished();
    }

    @Override
    public String put(InputStream bytes) throws IOException {
        Path unfinished = Files.createTempFile(directory, "put-", ".part");
        try {
            String ref = write(bytes, unfinished);
            Path folder = directory.resolve(ref.substring(0, 2));
            if (!Files.isDirectory(folder)) {
                Files.createDirectories(folder);
                sync(directory);
            }
            Path blob = folder.resolve(ref);
            if (!Files.exists(blob)) {
                Files.move(unfinished, blob, StandardCopyOption.ATOMIC_MOVE);
            }
            sync(folder); // also where another thread has just renamed the same one
            return ref;
        } finally {
            Files.deleteIfExists(unfinished);
        }
    }

    @Override
    public InputStream open(String ref) throws IOException {
        if (ref == null || !ref.matches(REF)) {
            throw KoshiException.notFound("there is no blob '" + ref + "'");
        }
        try {
            return new FileInputStream(
                    directory.resolve(ref.substring(0, 2)).resolve(ref).toFile());
        } catch (FileNotFoundException e) {
            throw KoshiException.notFound("there is no blob '" + ref + "'");
        }
    }

    private static String write(InputStream bytes, Path file) throws IOException {
        MessageDigest sha256 = sha256();
        // A FileOutputStream and no channel: an interrupt closes a channel and fails the write.
        try (FileOutputStream out = new FileOutputStream(file.toFile())) {
            bytes.transferTo(new DigestOutputStream(out, sha256));
            out.getFD().sync();
        }
        return HexFormat.of().formatHex(sha256.digest());
    }

    /** Makes names in a directory durable. */
    private static void sync(Path folder) throws IOException {
        boolean interrupted = Thread.interrupted();
        while (true) {
            try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
                channel.force(true);
                break;
            } catch (ClosedByInterruptException e) {
                interrupted = true;
                Thread.interrupted();
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** What a killed process left half written has no name and nobody's promise. */
    private void removeUnfinished() throws IOException {
        try (var files = Files.newDirectoryStream(directory, "put-*.part")) {
            for (Path file : files) {
                Files.deleteIfExists(file);
            }
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
