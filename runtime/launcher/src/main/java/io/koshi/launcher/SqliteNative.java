package io.koshi.launcher;

import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.zip.CRC32;

/**
 * Puts SQLite's native library once into the cache and names it to sqlite-jdbc, which would otherwise copy it to the
 * temporary directory at every start. Where the platform is not Linux with glibc, sqlite-jdbc is left to itself.
 */
final class SqliteNative {
    private SqliteNative() {}

    /** Sets {@code org.sqlite.lib.path}, {@code org.sqlite.lib.name} and {@code org.sqlite.tmpdir}. */
    static void extract(Path directory) throws IOException {
        URL resource = SqliteNative.class.getClassLoader().getResource(resource());
        if (resource == null || Files.exists(Path.of("/lib/ld-musl-" + arch() + ".so.1"))) {
            return;
        }
        CRC32 version = new CRC32();
        version.update(resource.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8));
        String name = "libsqlitejdbc-" + Long.toHexString(version.getValue()) + ".so";
        Path library = directory.resolve(name);
        if (!isWhole(library, resource)) {
            Files.createDirectories(directory);
            Path partial = Files.createTempFile(directory, "sqlite", ".tmp");
            try (InputStream in = resource.openStream()) {
                Files.copy(in, partial, StandardCopyOption.REPLACE_EXISTING);
            }
            Files.move(partial, library, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }
        System.setProperty("org.sqlite.lib.path", directory.toString());
        System.setProperty("org.sqlite.tmpdir", directory.toString()); // it is searched for leavings at each start
        System.setProperty("org.sqlite.lib.name", name);
    }

    /** A copy that a full disk or a crash cut short would keep the database from opening at every start. */
    private static boolean isWhole(Path library, URL resource) throws IOException {
        if (Files.notExists(library)) {
            return false;
        }
        if (!(resource.openConnection() instanceof JarURLConnection jar)) {
            return true;
        }
        CRC32 sum = new CRC32();
        sum.update(Files.readAllBytes(library));
        return sum.getValue() == jar.getJarEntry().getCrc();
    }

    private static String resource() {
        return "org/sqlite/native/" + System.getProperty("os.name") + "/" + arch() + "/libsqlitejdbc.so";
    }

    private static String arch() {
        String arch = System.getProperty("os.arch");
        return arch.equals("amd64") ? "x86_64" : arch;
    }
}
