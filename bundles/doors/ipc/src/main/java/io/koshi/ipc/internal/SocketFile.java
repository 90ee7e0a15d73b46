package io.koshi.ipc.internal;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.zip.CRC32;

/** Where the socket is and who may reach it: mode 0600 in a directory of mode 0700, both the hub's own. */
final class SocketFile {
    /** The longest path every platform takes: {@code sun_path} has 108 bytes on Linux and 104 on BSD. */
    private static final int LONGEST = 100;

    private SocketFile() {}

    /**
     * {@code koshi.sock} in the home; where that path is too long, {@code koshi-<hash>.sock} in XDG_RUNTIME_DIR or,
     * without one, in a directory of the user's own below the system's temporary one.
     */
    static Path of(Path home, Map<String, String> environment, Path temporary, String user) {
        Path plain = home.resolve("koshi.sock");
        if (plain.toString().getBytes(UTF_8).length <= LONGEST) {
            return plain;
        }
        CRC32 hash = new CRC32();
        hash.update(home.toString().getBytes(UTF_8));
        String runtime = environment.getOrDefault("XDG_RUNTIME_DIR", "");
        Path directory = runtime.isEmpty() ? temporary.resolve("koshi-" + user) : Path.of(runtime);
        return directory.resolve("koshi-" + Long.toHexString(hash.getValue()) + ".sock");
    }

    /**
     * Binds, taking the place of a socket whose hub has died.
     *
     * @throws KoshiException CONFLICT when another hub answers there, FORBIDDEN when the directory is not safe
     */
    static ServerSocketChannel bind(Path file) throws IOException {
        secure(file.getParent());
        if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            if (answers(file)) {
                throw new KoshiException(
                        ErrorCode.CONFLICT,
                        "Another hub listens on " + file + "; stop it with 'koshi stop', or use another --home.");
            }
            if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
                throw new FileSystemException(file.toString(), null, "a directory is there");
            }
            Files.delete(file);
        }
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            server.bind(UnixDomainSocketAddress.of(file), 128);
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
            return server;
        } catch (IOException | RuntimeException e) {
            server.close();
            throw e;
        }
    }

    /** Makes the directory where it is missing, and refuses one that others can write to. */
    private static void secure(Path directory) throws IOException {
        if (Files.notExists(directory)) {
            Files.createDirectories(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        var mode = Files.getPosixFilePermissions(directory);
        boolean shared = mode.stream()
                .anyMatch(p -> p.name().startsWith("GROUP_W") || p.name().startsWith("OTHERS_W"));
        String owner = Files.getOwner(directory).getName();
        if (shared || !owner.equals(System.getProperty("user.name"))) {
            throw new KoshiException(
                    ErrorCode.FORBIDDEN,
                    "The socket's directory " + directory + " belongs to " + owner + " and is "
                            + PosixFilePermissions.toString(mode) + "; make it your own, with chown and chmod 700.");
        }
    }

    private static boolean answers(Path file) {
        try (SocketChannel probe = SocketChannel.open(UnixDomainSocketAddress.of(file))) {
            return probe.isConnected();
        } catch (IOException nobody) {
            return false;
        }
    }
}
