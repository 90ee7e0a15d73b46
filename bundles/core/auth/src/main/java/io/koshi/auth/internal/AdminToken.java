package io.koshi.auth.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The token of the hub's owner, in a file of mode 0600 that is made when it is missing at start and read
 * again whenever it changes. Only its SHA-256 is kept, and compared in constant time. Thread-safe.
 */
final class AdminToken {
    private static final Logger LOG = LoggerFactory.getLogger("io.koshi.auth");
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");
    private static final int SHORTEST = 16;
    private static final int LONGEST = 1024;

    /** What tells one state of the file from another. */
    private record Stamp(FileTime modified, long size, Object key) {}

    /** @param digest null when no token can match, and then why */
    private record Loaded(Stamp stamp, byte[] digest, String problem) {}

    private final Path file;
    private volatile Loaded loaded;

    AdminToken(Path file) {
        this.file = file;
        try {
            if (!Files.exists(file) || Files.size(file) == 0) {
                make();
            } else {
                restrict();
            }
        } catch (IOException e) {
            LOG.error("cannot make or protect {}: {}; nobody gets in by token until it is mended", file, e.toString());
        }
        load(stamp());
    }

    /** Whether this is the token. */
    boolean equalTo(String given) {
        Stamp stamp = stamp();
        Loaded known = loaded;
        if (!known.stamp.equals(stamp)) {
            known = load(stamp);
        }
        byte[] digest = given.length() > LONGEST ? new byte[0] : Secrets.sha256(given);
        return known.digest != null && MessageDigest.isEqual(known.digest, digest);
    }

    /** What a connection that came in by this token holds on to; another one as soon as the file holds another. */
    String credential() {
        Stamp stamp = stamp();
        Loaded known = loaded;
        if (!known.stamp.equals(stamp)) {
            known = load(stamp);
        }
        return known.digest == null ? "" : "admin:" + HexFormat.of().formatHex(known.digest, 0, 8);
    }

    /** Puts a new token in the place of the old one; durable when it returns. */
    synchronized String rotate() {
        try {
            String token = make();
            load(stamp());
            return token;
        } catch (IOException e) {
            throw new KoshiException(
                    ErrorCode.SERVICE_UNAVAILABLE, file + " cannot be written (" + e + "); the old token holds", e);
        }
    }

    /** Why no token can match, empty when one can. */
    Optional<String> problem() {
        return Optional.ofNullable(loaded.problem);
    }

    private Loaded load(Stamp stamp) {
        byte[] digest = null;
        String problem = null;
        try {
            String token =
                    Files.size(file) > LONGEST ? "" : Files.readString(file).strip();
            if (token.length() < SHORTEST) {
                problem = file + " must hold " + SHORTEST + " to " + LONGEST
                        + " characters; delete it and restart for a new one";
            } else {
                digest = Secrets.sha256(token);
            }
        } catch (NoSuchFileException e) {
            problem = file + " is gone; restart the hub for a new one";
        } catch (IOException e) {
            problem = file + " cannot be read: " + e;
        }
        Loaded now = new Loaded(stamp, digest, problem);
        loaded = now;
        if (problem != null) {
            LOG.warn("nobody gets in by token: {}", problem);
        }
        return now;
    }

    private Stamp stamp() {
        try {
            BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
            return new Stamp(now.lastModifiedTime(), now.size(), now.fileKey());
        } catch (IOException e) {
            return new Stamp(FileTime.fromMillis(0), -1, null);
        }
    }

    /** Written beside and moved into place, so that a crash leaves no half of a token. */
    private String make() throws IOException {
        String token = Secrets.next();
        Path beside = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(beside);
        Files.createFile(beside, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
        try (FileChannel out = FileChannel.open(beside, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap((token + "\n").getBytes(StandardCharsets.US_ASCII));
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
            out.force(true);
        }
        Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE);
        try (FileChannel directory = FileChannel.open(file.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
            directory.force(true); // the move too
        }
        LOG.info("made the admin token {}", file);
        return token;
    }

    private void restrict() throws IOException {
        if (!OWNER_ONLY.containsAll(Files.getPosixFilePermissions(file))) {
            LOG.warn("{} could be read by others; it is now yours alone. Delete it and restart for a new one", file);
            Files.setPosixFilePermissions(file, OWNER_ONLY);
        }
    }
}
