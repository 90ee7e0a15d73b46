package io.koshi.plugin.internal;

import static io.koshi.plugin.internal.PluginFailure.Phase.FETCH;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;

/**
 * A jar that was looked into and found to be a plugin; nothing of it has run. Its name and kind are those of the header
 * {@code Koshi-Plugin: name;kind=channel}, or the last two parts of its symbolic name ({@code io.koshi.channel.http}).
 *
 * @param kind channel, service, model or listener
 * @param sha256 of the file, in hex
 * @param needs packages it must get from outside
 * @param usesServiceLoader whether it asks for providers of {@code java.util.ServiceLoader}
 * @param settings which it understands
 */
record PluginJar(
        Path file,
        String name,
        String kind,
        String bsn,
        String version,
        String sha256,
        List<PackageNeed> needs,
        boolean usesServiceLoader,
        DeclaredSettings settings) {
    private static final long MAX_BYTES = 256L << 20;
    private static final int MAX_ENTRIES = 65_535;
    private static final Set<String> KINDS = Set.of("channel", "service", "model", "listener");

    /** Looks into a jar. */
    static PluginJar read(Path file) throws PluginFailure {
        try {
            if (!Files.isRegularFile(file)) {
                throw new PluginFailure(FETCH, file + " is not a file; a plugin is one jar");
            }
            if (Files.size(file) > MAX_BYTES) {
                throw failure(file, "is larger than 256 MB");
            }
            try (JarFile jar = new JarFile(file.toFile())) {
                checkNames(file, jar);
                Manifest manifest = jar.getManifest();
                if (manifest == null || manifest.getMainAttributes().getValue("Bundle-SymbolicName") == null) {
                    throw failure(
                            file, "is no OSGi bundle: its manifest has no Bundle-SymbolicName. Build it with bnd");
                }
                return read(file, jar, manifest.getMainAttributes());
            }
        } catch (IOException | SecurityException | IllegalArgumentException e) {
            throw new PluginFailure(FETCH, file + " cannot be read as a jar: " + e.getMessage(), e);
        }
    }

    private static PluginJar read(Path file, JarFile jar, Attributes headers) throws IOException, PluginFailure {
        String bsn = first(headers.getValue("Bundle-SymbolicName"));
        if (headers.getValue("Fragment-Host") != null) {
            throw failure(file, "is a fragment; a plugin stands for itself");
        }
        String exports = value(headers, "Export-Package");
        if (exports.matches("(?s)(.*,)?\\s*io\\.koshi\\..*")) {
            throw failure(file, "exports packages of the hub (io.koshi…); only the hub's api does");
        }
        String[] named = Optional.ofNullable(headers.getValue("Koshi-Plugin"))
                .map(PluginJar::header)
                .orElseGet(() -> fromName(bsn));
        if (!named[0].matches("[a-z][a-z0-9-]{0,40}") || !KINDS.contains(named[1])) {
            throw failure(
                    file,
                    "does not say what it is; give it the header 'Koshi-Plugin: name;kind=channel' (or service, model,"
                            + " listener)");
        }
        String version = Optional.ofNullable(headers.getValue("Bundle-Version")).orElse("0.0.0");
        return new PluginJar(
                file,
                named[0],
                named[1],
                bsn,
                version,
                sha256(file),
                PackageNeed.parse(value(headers, "Import-Package"), exports),
                value(headers, "Require-Capability").contains("osgi.serviceloader"),
                DeclaredSettings.read(jar, bsn));
    }

    private static String value(Attributes headers, String name) {
        return Optional.ofNullable(headers.getValue(name)).orElse("");
    }

    private static String[] header(String header) {
        String[] parts = header.split(";");
        String kind = parts.length > 1 ? parts[1].replaceAll("\\s|\"|:|kind|=", "") : "";
        return new String[] {first(header), kind};
    }

    /** A header's value without its parameters. */
    private static String first(String header) {
        int parameters = header.indexOf(';');
        return (parameters < 0 ? header : header.substring(0, parameters)).strip();
    }

    private static String[] fromName(String bsn) {
        String[] parts = bsn.split("\\.");
        return parts.length < 2
                ? new String[] {bsn, ""}
                : new String[] {parts[parts.length - 1], parts[parts.length - 2]};
    }

    /** Names that could leave a directory, or stand for two contents, are refused. */
    private static void checkNames(Path file, JarFile jar) throws PluginFailure {
        Set<String> names = new HashSet<>();
        for (ZipEntry entry : (Iterable<ZipEntry>) jar.stream().map(ZipEntry.class::cast)::iterator) {
            String name = entry.getName();
            if (name.startsWith("/")
                    || name.indexOf('\\') >= 0
                    || name.indexOf(':') == 1
                    || ("/" + name + "/").contains("/../")
                    || !names.add(name)) {
                throw failure(file, "has an entry with a bad or repeated name: " + name);
            }
            if (names.size() > MAX_ENTRIES) {
                throw failure(file, "has more than " + MAX_ENTRIES + " entries");
            }
        }
    }

    static String sha256(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] buffer = new byte[64 << 10];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                digest.update(buffer, 0, n);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java platform has SHA-256
        }
    }

    private static PluginFailure failure(Path file, String what) {
        return new PluginFailure(FETCH, file.getFileName() + " " + what);
    }
}
