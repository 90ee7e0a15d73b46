package io.koshi.service.exec;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Finds programs, and says by which bytes a call is known again.
 *
 * @param path directories, as PATH names them
 */
record Programs(String path) {
    private static final long LARGEST = 64L << 20;
    private static final int MOST = 16;

    /** @throws KoshiException NOT_FOUND when there is none */
    Path find(String name, Path directory) {
        if (name.contains("/")) {
            Path program = directory.resolve(name).normalize();
            if (runs(program)) {
                return program;
            }
        } else {
            for (String folder : path.split(":")) {
                if (folder.startsWith("/") && runs(Path.of(folder, name))) {
                    return Path.of(folder, name);
                }
            }
        }
        throw new KoshiException(ErrorCode.NOT_FOUND, "there is no program '" + name + "' here");
    }

    boolean has(String name) {
        try {
            find(name, Path.of("/"));
            return true;
        } catch (KoshiException e) {
            return false;
        }
    }

    private static boolean runs(Path program) {
        return Files.isRegularFile(program) && Files.isExecutable(program);
    }

    /** The directory, the program and every file that is named, with the SHA-256 of each file. */
    Map<String, String> bound(List<String> argv, Path directory) {
        Map<String, String> bound = new TreeMap<>();
        bound.put("directory", directory.toString());
        Path program = find(argv.get(0), directory);
        bound.put("program", program + " " + sha256(program));
        for (String word : argv.subList(1, argv.size())) {
            if (bound.size() < MOST && word.length() < 1024) {
                named(word, directory, bound);
            }
        }
        return bound;
    }

    private static void named(String word, Path directory, Map<String, String> bound) {
        try {
            Path file = directory.resolve(word.substring(word.indexOf('=') + 1));
            if (Files.isRegularFile(file)) {
                bound.put("file " + word, sha256(file));
            }
        } catch (InvalidPathException noPath) {
            bound.remove("file " + word); // a word like any other
        }
    }

    private static String sha256(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            if (Files.size(file) > LARGEST) {
                return Files.size(file) + " bytes, " + Files.getLastModifiedTime(file);
            }
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] some = new byte[64 * 1024];
            for (int n = in.read(some); n >= 0; n = in.read(some)) {
                digest.update(some, 0, n);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (IOException e) {
            return "unreadable";
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java platform has SHA-256
        }
    }
}
