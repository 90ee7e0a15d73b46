package io.koshi.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * One run of a program: what it reads, what it prints, and its end, with all it started, when its time is over or the
 * thread that waits for it is interrupted.
 *
 * @param environment all of it
 */
record Running(Path place, Map<String, String> environment, Duration limit) {
    private static final int MOST = 5_000_000;
    private static final int ERROR = 4000;

    /** Of its own: with the pool that all share, some programs would wait for the ends of others. */
    private static final Executor STREAMS = Executors.newCachedThreadPool(body -> {
        Thread thread = new Thread(body, "koshi-program");
        thread.setDaemon(true);
        return thread;
    });

    /**
     * Runs it to its end.
     *
     * @return what it printed
     * @throws IOException that it could not be started, took too long or ended with another code than 0
     */
    String run(List<String> words, String given) throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(words);
        line.set(0, found(words.get(0)));
        ProcessBuilder builder = new ProcessBuilder(line).directory(place.toFile());
        builder.environment().clear();
        builder.environment().putAll(environment);
        Process process = builder.start();
        try {
            CompletableFuture<byte[]> said = read(process.getInputStream(), MOST);
            CompletableFuture<byte[]> complained = read(process.getErrorStream(), ERROR);
            CompletableFuture<Void> told =
                    CompletableFuture.runAsync(() -> write(process.getOutputStream(), given), STREAMS);
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IOException(words.get(0) + " took longer than " + limit.toSeconds() + " s and was ended");
            }
            told.join();
            String result = new String(said.join(), UTF_8);
            if (process.exitValue() != 0) {
                String why = new String(complained.join(), UTF_8).strip();
                throw new IOException(words.get(0) + " ended with " + process.exitValue()
                        + (why.isEmpty() ? "" : ": " + why.substring(Math.max(0, why.length() - ERROR))));
            }
            return result;
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    /** By the PATH that the program will have: Java looks in its own. */
    private String found(String program) {
        if (program.contains("/")) {
            return program;
        }
        for (String directory :
                environment.getOrDefault("PATH", "/usr/bin:/bin").split(":")) {
            Path file = Path.of(directory).resolve(program);
            if (Files.isExecutable(file) && !Files.isDirectory(file)) {
                return file.toString();
            }
        }
        return program;
    }

    private static CompletableFuture<byte[]> read(InputStream stream, int most) {
        return CompletableFuture.supplyAsync(() -> first(stream, most), STREAMS);
    }

    /** Keeps the first bytes and lets the rest go by, so that the program does not wait. */
    private static byte[] first(InputStream stream, int most) {
        ByteArrayOutputStream kept = new ByteArrayOutputStream();
        byte[] piece = new byte[8192];
        try (stream) {
            for (int count = stream.read(piece); count >= 0; count = stream.read(piece)) {
                kept.write(piece, 0, Math.min(count, most - kept.size()));
            }
        } catch (IOException ended) {
            return kept.toByteArray();
        }
        return kept.toByteArray();
    }

    private static void write(OutputStream out, String text) {
        try (out) {
            out.write(text.getBytes(UTF_8));
        } catch (IOException unread) {
            // a program need not read its prompt to its end
        }
    }
}
