package io.koshi.launcher;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * Loads heavy classes on the second core while the framework starts on the first, which takes a tenth off a start.
 * The names are in {@code warmth.txt}, with {@code #method} behind one where a static method is to be called too; what
 * is gone is skipped, for this is never more than a head start.
 */
final class Warmth {
    private Warmth() {}

    static void begin(Path cache) {
        Thread thread = new Thread(() -> load(cache), "koshi-warmth");
        thread.setDaemon(true);
        thread.start();
    }

    private static void load(Path cache) {
        try {
            SqliteNative.extract(cache.resolve("native"));
            for (String name : names()) {
                touch(name);
            }
        } catch (IOException | RuntimeException | LinkageError e) {
            // The classes are then loaded when they are needed, and a fault that matters shows there.
            return;
        }
    }

    private static List<String> names() throws IOException {
        try (InputStream in = Warmth.class.getResourceAsStream("warmth.txt");
                BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            return reader.lines()
                    .filter(l -> !l.isBlank() && !l.startsWith("#"))
                    .toList();
        }
    }

    private static void touch(String name) {
        int method = name.indexOf('#');
        try {
            Class<?> type =
                    Class.forName(method < 0 ? name : name.substring(0, method), true, Warmth.class.getClassLoader());
            if (method >= 0) {
                type.getMethod(name.substring(method + 1)).invoke(null);
            }
        } catch (ReflectiveOperationException | LinkageError e) {
            return;
        }
    }
}
