package io.koshi.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.jar.JarFile;
import java.util.jar.Manifest;

/**
 * The core bundles' headers in one file that the build makes, so that a start opens no jar to read a manifest: for each
 * jar a line with its name and size, a line for each header, an empty line. A jar that has another size by now is not
 * known. Immutable.
 */
final class HeaderIndex {
    private record Known(long size, Map<String, String> headers) {}

    private final Map<String, Known> known;

    private HeaderIndex(Map<String, Known> known) {
        this.known = known;
    }

    static HeaderIndex none() {
        return new HeaderIndex(Map.of());
    }

    /** Reads what {@link #write} wrote; nothing is known where the file is missing or is no such file. */
    static HeaderIndex read(Path file) throws IOException {
        try {
            return new HeaderIndex(parse(Files.readString(file)));
        } catch (NoSuchFileException | RuntimeException none) {
            return none();
        }
    }

    private static Map<String, Known> parse(String text) {
        Map<String, Known> known = new HashMap<>();
        Map<String, String> headers = null;
        int begin = 0;
        for (int end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', begin)) {
            if (end > begin && headers == null) {
                int space = text.indexOf(' ', begin);
                headers = new LinkedHashMap<>();
                known.put(
                        text.substring(begin, space),
                        new Known(Long.parseLong(text.substring(space + 1, end)), headers));
            } else if (end > begin) {
                int colon = text.indexOf(": ", begin);
                headers.put(text.substring(begin, colon), text.substring(colon + 2, end));
            } else {
                headers = null;
            }
            begin = end + 1;
        }
        return known;
    }

    /** @param jars bundles, by their names in the directory {@code lib} */
    static void write(Path file, Path lib, List<String> jars) throws IOException {
        StringBuilder text = new StringBuilder();
        for (String jar : jars) {
            Path path = lib.resolve(jar);
            text.append(jar).append(' ').append(Files.size(path)).append('\n');
            try (JarFile opened = new JarFile(path.toFile(), false)) {
                Manifest manifest = opened.getManifest();
                CoreHeaders.of(manifest.getMainAttributes())
                        .forEach((name, value) ->
                                text.append(name).append(": ").append(value).append('\n'));
            }
            text.append('\n');
        }
        Files.writeString(file, text);
    }

    /** The headers of a jar, unless it is another one than the build saw. */
    Optional<Map<String, String>> headers(Path jar) {
        Known found = known.get(jar.getFileName().toString());
        return found != null && found.size() == jar.toFile().length() ? Optional.of(found.headers()) : Optional.empty();
    }
}
