package io.koshi.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Does tasks by programs: the prompt is what a program reads, what it prints is the result. It sees no token and no
 * key, and ends, with all it started, when its time is over or its lease is lost. Thread-safe.
 */
final class Program implements Doing {
    private static final int MOST = 5_000_000;
    private static final int ERROR = 4000;
    private static final List<String> SECRETS = List.of("KOSHI_TOKEN", "KOSHI_MODEL_KEY", "KOSHI_HOME");

    private final List<String> command;
    private final Duration limit;

    /** @param command what reads prompts; of python and shell tasks the prompt itself is the program */
    Program(List<String> command, Duration limit) {
        this.command = command;
        this.limit = limit;
    }

    @Override
    public String work(Work work, String instructions, Path place, Path input)
            throws IOException, InterruptedException {
        if (!work.code()) {
            String prompt = instructions.isEmpty() ? work.prompt() : instructions + "\n\n" + work.prompt();
            return run(command, prompt, work, place, input);
        }
        Path script = Files.createTempFile("koshi-task-", work.type().equals("python") ? ".py" : ".sh");
        try {
            Files.writeString(script, work.prompt(), UTF_8);
            String interpreter = work.type().equals("python") ? "python3" : "sh";
            return run(List.of(interpreter, script.toString()), "", work, place, input);
        } finally {
            Files.deleteIfExists(script);
        }
    }

    private String run(List<String> words, String given, Work work, Path place, Path input)
            throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(words).directory(place.toFile());
        SECRETS.forEach(builder.environment()::remove);
        builder.environment().put("KOSHI_TASK", work.taskId());
        if (input != null) {
            builder.environment().put("KOSHI_INPUT", input.toString());
        }
        Process process = builder.start();
        try {
            CompletableFuture<byte[]> said = CompletableFuture.supplyAsync(() -> read(process.getInputStream(), MOST));
            CompletableFuture<byte[]> complained =
                    CompletableFuture.supplyAsync(() -> read(process.getErrorStream(), ERROR));
            CompletableFuture<Void> told = CompletableFuture.runAsync(() -> write(process.getOutputStream(), given));
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

    /** Keeps the first bytes and lets the rest go by, so that the program does not wait. */
    private static byte[] read(InputStream in, int most) {
        ByteArrayOutputStream kept = new ByteArrayOutputStream();
        byte[] piece = new byte[8192];
        try (in) {
            for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
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
