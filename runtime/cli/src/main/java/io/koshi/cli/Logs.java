package io.koshi.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;

/** {@code koshi logs}: the end of the log file, and what comes; needs no running hub. */
final class Logs {
    private static final long LOOK_MS = 200;
    private static final int TAIL = 1 << 20;

    private Logs() {}

    static int run(Words words, Invocation call) throws IOException, InterruptedException {
        boolean follow = words.flag("-f", "--follow");
        long lines = words.number(50, "-n", "--lines");
        words.done();
        if (lines < 0) {
            throw Failure.usage("--lines is a number of lines, not " + lines + ".");
        }
        Path file = call.place().log();
        if (!Files.exists(file) && !follow) {
            throw Failure.notFound("There is no log at " + file + " yet; 'koshi start' makes one.");
        }
        long at = Files.exists(file) ? tail(file, lines, call) : 0;
        if (follow) {
            TerminalKeys.endsItsLine(call.out());
            follow(file, at, call);
        }
        return 0;
    }

    /** Prints the last lines; where the file ended then. */
    private static long tail(Path file, long lines, Invocation call) throws IOException {
        try (RandomAccessFile log = new RandomAccessFile(file.toFile(), "r")) {
            long end = log.length();
            byte[] bytes = new byte[(int) Math.min(TAIL, end)];
            log.seek(end - bytes.length);
            log.readFully(bytes);
            int stop = bytes.length;
            while (stop > 0 && bytes[stop - 1] != '\n') {
                stop--;
            }
            int from = stop;
            for (long found = -1; from > 0; from--) {
                if (bytes[from - 1] == '\n' && ++found == lines) {
                    break;
                }
            }
            new String(bytes, from, stop - from, UTF_8).lines().forEach(line -> print(line, call));
            return end - (bytes.length - stop);
        }
    }

    private static void follow(Path file, long from, Invocation call) throws IOException, InterruptedException {
        long at = from;
        Object key = key(file);
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        while (!call.out().checkError()) {
            Object now = key(file);
            if (now != null && !now.equals(key) || now != null && Files.size(file) < at) {
                at = 0;
                line.reset();
            }
            key = now;
            if (now != null) {
                at = print(file, at, line, call);
            }
            Pause.of(LOOK_MS);
        }
    }

    private static long print(Path file, long from, ByteArrayOutputStream line, Invocation call) throws IOException {
        try (RandomAccessFile log = new RandomAccessFile(file.toFile(), "r")) {
            log.seek(from);
            byte[] bytes = new byte[64 << 10];
            for (int count = log.read(bytes); count > 0; count = log.read(bytes)) {
                for (int i = 0; i < count; i++) {
                    if (bytes[i] == '\n') {
                        print(line.toString(UTF_8), call);
                        line.reset();
                    } else {
                        line.write(bytes[i]);
                    }
                }
            }
            return log.getFilePointer();
        } catch (NoSuchFileException | FileNotFoundException rotated) {
            return 0;
        }
    }

    /** Tells a file from the one that takes its name at a rotation. */
    private static Object key(Path file) throws IOException {
        try {
            return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
        } catch (NoSuchFileException rotated) {
            return null;
        }
    }

    private static void print(String line, Invocation call) {
        call.out().println(call.json() ? line : readable(line));
    }

    /** A line of JSON as a person reads it; any other line as it is. */
    private static String readable(String line) {
        try {
            if (!line.startsWith("{") || !(Json.read(line) instanceof Map<?, ?> entry)) {
                return line;
            }
            StringBuilder out = new StringBuilder()
                    .append(time(entry.get("at")))
                    .append(' ')
                    .append(entry.get("level"));
            out.append(' ').append(entry.get("logger")).append(": ").append(entry.get("message"));
            Object error = entry.get("error");
            return error == null
                    ? out.toString()
                    : out.append('\n').append(error).toString();
        } catch (IllegalArgumentException noJson) {
            return line;
        }
    }

    /** To the millisecond: nobody reads the rest. */
    private static String time(Object at) {
        return String.valueOf(at).replaceFirst("(\\.\\d{3})\\d*Z$", "$1Z");
    }
}
