package io.koshi.itests;

import io.koshi.api.Channel;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.StandardLocation;
import javax.tools.ToolProvider;

/** Plugins that a story brings: the examples as they were built, and jars of its own, sound or not. */
final class GuestPlugin {
    private final String bsn;
    private final Map<String, String> headers = new LinkedHashMap<>();
    private final Map<String, String> sources = new LinkedHashMap<>();
    private final Map<String, byte[]> entries = new LinkedHashMap<>();
    private final Set<String> left = new HashSet<>();
    private final List<Path> classPath = new ArrayList<>();

    private GuestPlugin(String bsn) {
        this.bsn = bsn;
        headers.put("Bundle-ManifestVersion", "2");
        headers.put("Bundle-SymbolicName", bsn);
        headers.put("Bundle-Version", "1.0.0");
        headers.put("Import-Package", "io.koshi.api");
        classPath.add(location(Channel.class));
    }

    /** The same plugin built again under another version. */
    static Path rebuilt(Path jar, String version, Path target) throws IOException {
        return copy(jar, version, Optional.empty(), target);
    }

    /** The same plugin without a class that it needs. */
    static Path without(Path jar, String type, Path target) throws IOException {
        return copy(jar, "9.9.10", Optional.of("/" + type + ".class"), target);
    }

    private static Path copy(Path jar, String version, Optional<String> but, Path target) throws IOException {
        try (JarFile from = new JarFile(jar.toFile())) {
            Manifest manifest = new Manifest(from.getManifest());
            manifest.getMainAttributes().putValue("Bundle-Version", version);
            try (JarOutputStream to = new JarOutputStream(Files.newOutputStream(target), manifest)) {
                for (JarEntry entry : (Iterable<JarEntry>) from.stream()::iterator) {
                    if (!entry.getName().equals(JarFile.MANIFEST_NAME)
                            && but.filter(entry.getName()::endsWith).isEmpty()) {
                        to.putNextEntry(new ZipEntry(entry.getName()));
                        from.getInputStream(entry).transferTo(to);
                    }
                }
            }
        }
        return target;
    }

    static GuestPlugin of(String bsn) {
        return new GuestPlugin(bsn);
    }

    GuestPlugin header(String name, String value) {
        headers.put(name, value);
        return this;
    }

    /** A class of the plugin; {@code type} is its full name. */
    GuestPlugin source(String type, String text) {
        sources.put(type, text);
        return this;
    }

    /** An entry of the jar, under any name. */
    GuestPlugin entry(String name, String text) {
        entries.put(name, text.getBytes(StandardCharsets.UTF_8));
        return this;
    }

    /** Leaves a compiled class out of the jar. */
    GuestPlugin without(String entry) {
        left.add(entry);
        return this;
    }

    /** What the sources are compiled against besides the api. */
    GuestPlugin against(Path jar) {
        classPath.add(jar);
        return this;
    }

    /** Makes it a channel whose constructor runs these statements. */
    GuestPlugin channel(String statements) {
        header("Service-Component", "OSGI-INF/guest.xml");
        entry("OSGI-INF/guest.xml", """
                <scr:component xmlns:scr="http://www.osgi.org/xmlns/scr/v1.4.0" name="%s"
                    configuration-policy="require">
                  <service><provide interface="io.koshi.api.Channel"/></service>
                  <implementation class="%s.Guest"/>
                </scr:component>
                """.formatted(bsn, bsn));
        return source(bsn + ".Guest", """
                package %s;
                import io.koshi.api.*;
                public final class Guest implements Channel {
                    public Guest() throws Exception { %s }
                    @Override public Receipt send(Reply reply) { return Receipt.of(reply.id()); }
                }
                """.formatted(bsn, statements));
    }

    Path write(Path file) throws IOException {
        Files.createDirectories(file.getParent());
        Path classes = Files.createTempDirectory("guest");
        compile(classes);
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        headers.forEach((name, value) -> manifest.getMainAttributes().putValue(name, value));
        try (OutputStream out = Files.newOutputStream(file);
                JarOutputStream jar = new JarOutputStream(out, manifest);
                Stream<Path> files = Files.walk(classes)) {
            for (Path each : files.filter(Files::isRegularFile).toList()) {
                String name = classes.relativize(each).toString();
                if (!left.contains(name)) {
                    put(jar, name, Files.readAllBytes(each));
                }
            }
            for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                put(jar, entry.getKey(), entry.getValue());
            }
        }
        return file;
    }

    private void compile(Path classes) throws IOException {
        if (sources.isEmpty()) {
            return;
        }
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            files.setLocationFromPaths(StandardLocation.CLASS_PATH, classPath);
            files.setLocationFromPaths(StandardLocation.CLASS_OUTPUT, List.of(classes));
            List<Source> units = sources.entrySet().stream()
                    .map(s -> new Source(s.getKey(), s.getValue()))
                    .toList();
            List<String> options = List.of("--release", "17", "-proc:none");
            if (!compiler.getTask(null, files, null, options, null, units).call()) {
                throw new IllegalStateException("the guest does not compile");
            }
        }
    }

    private static void put(JarOutputStream jar, String name, byte[] bytes) throws IOException {
        jar.putNextEntry(new ZipEntry(name));
        jar.write(bytes);
        jar.closeEntry();
    }

    private static Path location(Class<?> type) {
        try {
            return Path.of(
                    type.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A source that stands in memory. */
    private static final class Source extends SimpleJavaFileObject {
        private final String text;

        Source(String type, String text) {
            super(
                    URI.create("string:///" + type.replace('.', '/') + JavaFileObject.Kind.SOURCE.extension),
                    Kind.SOURCE);
            this.text = text;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }
    }
}
