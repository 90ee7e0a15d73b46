package io.koshi.service.files;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.service.files.Workspace.Place;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * A directory that is held open, reached from its root one name at a time without following a link (openat(2) with
 * O_NOFOLLOW): whoever moves or replaces something on the way meanwhile cannot lead outside. Confined to one thread.
 */
final class Folder implements AutoCloseable {
    private static final Set<OpenOption> READ = Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
    private static final Set<OpenOption> CREATE =
            Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW, LinkOption.NOFOLLOW_LINKS);

    private final SecureDirectoryStream<Path> stream;
    private final String shown;

    private Folder(SecureDirectoryStream<Path> stream, String shown) {
        this.stream = stream;
        this.shown = shown;
    }

    /** What lies in a directory. */
    record Item(String name, BasicFileAttributes attributes) {}

    /** The directory a place is. */
    static Folder open(Place place) {
        return walk(place.root(), names(place.relative()), place.shown(), false);
    }

    /** The directory a place is in. */
    static Folder above(Place place, boolean create) {
        if (place.isRoot()) {
            throw KoshiException.invalid("/path", "names the directory itself; name a file in it");
        }
        List<Path> names = names(place.relative());
        return walk(place.root(), names.subList(0, names.size() - 1), place.shown(), create);
    }

    private static List<Path> names(Path relative) {
        List<Path> names = new ArrayList<>();
        relative.forEach(name -> {
            if (!name.toString().isEmpty()) {
                names.add(name);
            }
        });
        return names;
    }

    private static Folder walk(Path root, List<Path> names, String shown, boolean create) {
        try {
            SecureDirectoryStream<Path> at = secure(Files.newDirectoryStream(root));
            for (Path name : names) {
                SecureDirectoryStream<Path> parent = at;
                try (parent) {
                    at = step(parent, name, root, create);
                }
            }
            return new Folder(at, shown);
        } catch (IOException e) {
            throw told(shown, e);
        }
    }

    private static SecureDirectoryStream<Path> step(
            SecureDirectoryStream<Path> parent, Path name, Path root, boolean create) throws IOException {
        try {
            return secure(parent.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS));
        } catch (NoSuchFileException missing) {
            if (!create) {
                throw missing;
            }
            make(parent, name, root);
            return secure(parent.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS));
        }
    }

    /** Java cannot make a directory in one that is held open, but can move one there: renameat(2). */
    private static void make(SecureDirectoryStream<Path> parent, Path name, Path root) throws IOException {
        Path draft = Path.of(".koshi-" + UUID.randomUUID());
        Files.createDirectory(root.resolve(draft));
        try (SecureDirectoryStream<Path> top = secure(Files.newDirectoryStream(root))) {
            try {
                top.move(draft, parent, name);
            } catch (IOException e) {
                top.deleteDirectory(draft);
                throw e;
            }
        }
    }

    private static SecureDirectoryStream<Path> secure(DirectoryStream<Path> stream) throws IOException {
        if (stream instanceof SecureDirectoryStream<Path> secure) {
            return secure;
        }
        stream.close();
        throw new KoshiException(
                ErrorCode.SERVICE_UNAVAILABLE,
                "this file system cannot hold a directory open (openat), so no file is touched on it");
    }

    /** What lies here, by name; links among it, which are not followed. */
    List<Item> items() {
        List<Item> items = new ArrayList<>();
        try {
            for (Path each : stream) {
                String name = each.getFileName().toString();
                attributes(name).ifPresent(found -> items.add(new Item(name, found)));
            }
        } catch (DirectoryIteratorException e) {
            throw told(shown, e.getCause());
        }
        items.sort((a, b) -> a.name().compareTo(b.name()));
        return items;
    }

    /** A directory in this one. */
    Folder folder(String name) {
        try {
            return new Folder(secure(stream.newDirectoryStream(Path.of(name), LinkOption.NOFOLLOW_LINKS)), shown);
        } catch (IOException e) {
            throw told(name, e);
        }
    }

    Optional<BasicFileAttributes> attributes(String name) {
        try {
            return Optional.of(
                    stream.getFileAttributeView(Path.of(name), BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                            .readAttributes());
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw told(name, e);
        }
    }

    /** All bytes of a file here; empty when there is none. */
    Optional<byte[]> read(String name, int maxBytes) {
        Optional<BasicFileAttributes> found = attributes(name);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        if (found.get().isSymbolicLink()) {
            throw new KoshiException(
                    ErrorCode.FORBIDDEN, "'" + shown + "' is a symbolic link, and links are not followed");
        }
        if (!found.get().isRegularFile()) {
            throw KoshiException.invalid("/path", "'" + shown + "' is no file");
        }
        try (SeekableByteChannel channel = stream.newByteChannel(Path.of(name), READ)) {
            return Optional.of(all(channel, maxBytes));
        } catch (IOException e) {
            throw told(shown, e);
        }
    }

    private byte[] all(SeekableByteChannel channel, int maxBytes) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream((int) Math.min(channel.size(), maxBytes) + 1);
        ByteBuffer some = ByteBuffer.allocate(64 * 1024);
        while (channel.read(some.clear()) >= 0) {
            bytes.write(some.array(), 0, some.position());
            if (bytes.size() > maxBytes) {
                throw new KoshiException(
                        ErrorCode.TOO_LARGE,
                        "'" + shown + "' has more than " + maxBytes / 1024
                                + " KB; the setting files.maxKB allows more");
            }
        }
        return bytes.toByteArray();
    }

    /** Writes a file beside the old one, durably, and puts it in its place in one step; its permissions stay. */
    void replace(String name, byte[] bytes) {
        Path draft = Path.of(".koshi-" + UUID.randomUUID());
        try {
            Optional<Set<PosixFilePermission>> permissions = permissions(name);
            try (SeekableByteChannel channel = stream.newByteChannel(draft, CREATE)) {
                ByteBuffer rest = ByteBuffer.wrap(bytes);
                while (rest.hasRemaining()) {
                    channel.write(rest);
                }
                if (channel instanceof FileChannel file) {
                    file.force(true);
                }
            }
            if (permissions.isPresent()) {
                posix(draft).setPermissions(permissions.get());
            }
            stream.move(draft, stream, Path.of(name));
        } catch (IOException e) {
            discard(draft);
            throw told(shown, e);
        }
    }

    private Optional<Set<PosixFilePermission>> permissions(String name) throws IOException {
        try {
            return Optional.of(posix(Path.of(name)).readAttributes().permissions());
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    private PosixFileAttributeView posix(Path name) {
        return stream.getFileAttributeView(name, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
    }

    private void discard(Path draft) {
        try {
            stream.deleteFile(draft);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // hidden and named for the hub, so that its origin is seen
        }
    }

    private static KoshiException told(String shown, IOException e) {
        if (e instanceof NoSuchFileException) {
            return KoshiException.notFound("there is no '" + shown + "'");
        }
        if (e instanceof FileAlreadyExistsException || e instanceof NotDirectoryException || isLoop(e)) {
            return new KoshiException(
                    ErrorCode.FORBIDDEN, "'" + shown + "' leads through something that is no directory, or a link", e);
        }
        return new KoshiException(ErrorCode.METHOD_ERROR, "'" + shown + "' cannot be used: " + e.getMessage(), e);
    }

    private static boolean isLoop(IOException e) {
        return String.valueOf(e.getMessage()).contains("symbolic links"); // ELOOP has no exception of its own
    }

    @Override
    public void close() {
        try {
            stream.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
