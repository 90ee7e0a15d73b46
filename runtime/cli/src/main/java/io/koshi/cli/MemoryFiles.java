package io.koshi.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.Map;

/** {@code koshi memories export} and {@code import}: a page at a time, so that their number does not matter. */
final class MemoryFiles {
    /** How much text is sent at once: well below the largest frame. */
    private static final int PIECE = 512 << 10;

    private static final String MARK = "<!-- memory ";

    private MemoryFiles() {}

    static int export(Words words, Invocation call) throws IOException, InterruptedException {
        String file = words.option("-o", "--output");
        String format = words.flag("--markdown") ? "markdown" : "jsonl";
        boolean archive = words.flag("--archive");
        words.done();
        if (file == null) {
            pages(call, format, archive, call.out());
            return 0;
        }
        Path target = Path.of(file).toAbsolutePath();
        Path part = Files.createTempFile(
                target.getParent(),
                "memories",
                ".part",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try {
            long count;
            try (OutputStream out = Files.newOutputStream(part)) {
                count = pages(call, format, archive, out);
            }
            Files.move(part, target, StandardCopyOption.REPLACE_EXISTING);
            if (!call.json()) {
                call.out().println(count + " memories are in " + target);
            }
        } finally {
            Files.deleteIfExists(part);
        }
        return 0;
    }

    private static long pages(Invocation call, String format, boolean archive, OutputStream out)
            throws IOException, InterruptedException {
        long count = 0;
        Object after = 0L;
        try (Link link = call.reach()) {
            while (after != null) {
                Map<?, ?> page = link.ask(
                        "memory.export",
                        Map.of("format", format, "archive", archive, "after", after),
                        Invocation.DEADLINE_MS);
                if (!call.printed(page)) {
                    out.write(String.valueOf(page.get("text")).getBytes(StandardCharsets.UTF_8));
                }
                count += ((Number) page.get("count")).longValue();
                after = page.get("next");
            }
        }
        return count;
    }

    static int take(Words words, Invocation call) throws IOException, InterruptedException {
        boolean markdown = words.flag("--markdown");
        String file = words.next("a file, or - for standard input");
        words.done();
        if (Files.isDirectory(Path.of(file))) {
            throw Failure.usage(file + " is a directory; name a file in it.");
        }
        String format = markdown || file.endsWith(".md") ? "markdown" : "jsonl";
        Map<String, Long> sums = new LinkedHashMap<>();
        try (InputStream in = file.equals("-") ? call.in() : Files.newInputStream(Path.of(file));
                BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
                Link link = call.reach()) {
            StringBuilder piece = new StringBuilder();
            int first = 1;
            int number = 0;
            boolean marked = false;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                marked |= line.startsWith(MARK);
                if (piece.length() > PIECE && begins(format, marked, line)) {
                    send(link, call, format, piece, first, sums);
                    first = number + 1;
                }
                piece.append(line).append('\n');
                number++;
            }
            send(link, call, format, piece, first, sums);
        } catch (NoSuchFileException e) {
            throw Failure.failed("There is no file " + file + ".");
        }
        if (!call.json()) {
            call.out()
                    .println(sums.get("stored") + " memories are new, " + sums.get("known") + " were known, "
                            + sums.get("refused") + " were refused");
        }
        return sums.get("refused") > 0 ? Failure.FAILED : 0;
    }

    /** Whether a memory may begin on this line, so that none is cut in two. */
    private static boolean begins(String format, boolean marked, String line) {
        return format.equals("jsonl") || line.startsWith(MARK) || !marked && line.isBlank();
    }

    private static void send(
            Link link, Invocation call, String format, StringBuilder piece, int first, Map<String, Long> sums)
            throws IOException {
        Map<?, ?> taken =
                link.ask("memory.import", Map.of("format", format, "text", piece.toString()), Invocation.LONG_MS);
        piece.setLength(0);
        call.printed(taken);
        for (String count : new String[] {"stored", "known", "refused"}) {
            sums.merge(count, ((Number) taken.get(count)).longValue(), Long::sum);
        }
        if (!call.json() && taken.get("problems") instanceof Iterable<?> problems) {
            for (Object each : problems) {
                Map<?, ?> problem = (Map<?, ?>) each;
                long line = first - 1 + ((Number) problem.get("line")).longValue();
                call.err().println("line " + line + ": " + problem.get("problem"));
            }
        }
    }
}
