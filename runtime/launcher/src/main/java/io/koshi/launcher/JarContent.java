package io.koshi.launcher;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.osgi.framework.connect.ConnectContent;

/** A jar of the class path as the framework sees it. The jar is opened at first need. Thread-safe. */
final class JarContent implements ConnectContent {
    private final Path path;
    private final ClassLoader loader;
    private final Optional<Map<String, String>> headers;
    private JarFile jar;

    /** @param headers the jar's, where they are known */
    JarContent(Path path, ClassLoader loader, Optional<Map<String, String>> headers) {
        this.path = path;
        this.loader = loader;
        this.headers = headers;
    }

    @Override
    public void open() {}

    @Override
    public synchronized void close() throws IOException {
        if (jar != null) {
            jar.close();
            jar = null;
        }
    }

    @Override
    public Optional<ClassLoader> getClassLoader() {
        return Optional.of(loader);
    }

    @Override
    public Optional<Map<String, String>> getHeaders() {
        if (headers.isPresent()) {
            return headers;
        }
        try {
            return Optional.of(CoreHeaders.of(jar().getManifest().getMainAttributes()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Iterable<String> getEntries() throws IOException {
        List<String> names = jar().stream().map(ZipEntry::getName).toList();
        return names;
    }

    @Override
    public Optional<ConnectEntry> getEntry(String name) {
        try {
            ZipEntry entry = jar().getEntry(name.startsWith("/") ? name.substring(1) : name);
            return Optional.ofNullable(entry).map(Entry::new);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private synchronized JarFile jar() throws IOException {
        if (jar == null) {
            jar = new JarFile(path.toFile(), false, ZipFile.OPEN_READ, JarFile.runtimeVersion());
        }
        return jar;
    }

    private final class Entry implements ConnectEntry {
        private final ZipEntry entry;

        private Entry(ZipEntry entry) {
            this.entry = entry;
        }

        @Override
        public String getName() {
            return entry.getName();
        }

        @Override
        public long getContentLength() {
            return entry.getSize();
        }

        @Override
        public long getLastModified() {
            return entry.getTime();
        }

        @Override
        public InputStream getInputStream() throws IOException {
            return jar().getInputStream(entry);
        }
    }
}
