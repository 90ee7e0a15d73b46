package io.koshi.bench;

import io.koshi.itests.Daemon;
import io.koshi.itests.GithubDeliveries;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Durable webhook ingest: signed deliveries of 6 to 26 KB, answered after the commit is on disk, dropped by a route. The
 * load comes from wrk on the same processors; the disk's own figures are taken before and after, from the same bodies.
 */
final class IngestBench implements Bench.Story {
    private static final String SECRET = "bench-secret";
    private static final String CONFIG = """
            http: { port: 0 }
            plugins:
              - { name: github, secret: "bench-secret" }
            routes:
              - match: { channel: github }
                action: { drop: true }
            """;

    private record Load(double perSecond, double p50, double p99, double max, long bad, double cpu) {}

    @Override
    public void run(Path scratch) throws Exception {
        List<byte[]> bodies = bodies();
        Path file = scratch.resolve("deliveries");
        write(file, bodies);
        Table disk = new Table(
                "The disk: plain SQLite, WAL, synchronous=FULL (fsync at every commit), the same bodies",
                "rows in a commit",
                "rows/s");
        double single = Disk.rows(scratch, bodies, 1, 4);
        disk.row("1", single);
        for (int group : new int[] {8, 32, 64}) {
            disk.row(String.valueOf(group), Disk.rows(scratch, bodies, group, 4));
        }
        disk.print(System.out);

        Table table = new Table(
                "Webhook ingest: 200 after the commit, synchronous=FULL, 10 s warm-up, 30 s run",
                "connections",
                "deliveries/s",
                "p50 ms",
                "p99 ms",
                "max ms",
                "errors",
                "hub CPU µs each",
                "of the disk's single rate");
        try (Daemon daemon = Daemon.in(scratch.resolve("home")).config(CONFIG).start()) {
            for (int connections : new int[] {32, 1}) {
                load(daemon, file, connections, 10, "w" + connections);
                Load load = load(daemon, file, connections, 30, "r" + connections);
                table.row(
                        String.valueOf(connections),
                        load.perSecond(),
                        load.p50(),
                        load.p99(),
                        load.max(),
                        String.valueOf(load.bad()),
                        String.format("%.0f", load.cpu()),
                        connections == 1 ? String.format("%.0f %%", 100 * load.perSecond() / single) : "");
            }
        }
        table.print(System.out);
        System.out.printf(
                "the disk's single-commit rate again, after the run: %,.0f/s%n", Disk.rows(scratch, bodies, 1, 4));
    }

    static List<byte[]> bodies() {
        List<byte[]> bodies = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            bodies.add(GithubDeliveries.pullRequest("octo/repo" + i % 16, i, "opened", i));
        }
        return bodies;
    }

    private static void write(Path file, List<byte[]> bodies) throws IOException {
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
            for (byte[] body : bodies) {
                out.write((body.length + " " + GithubDeliveries.signature(SECRET, body) + "\n")
                        .getBytes(StandardCharsets.US_ASCII));
                out.write(body);
                out.write('\n');
            }
        }
    }

    private static Load load(Daemon daemon, Path file, int connections, int seconds, String run) throws Exception {
        Path script = file.resolveSibling("deliveries.lua");
        try (var lua = IngestBench.class.getResourceAsStream("/deliveries.lua")) {
            Files.write(script, lua.readAllBytes());
        }
        Duration before = cpu(daemon);
        Process wrk = new ProcessBuilder(
                        "wrk",
                        "-t1",
                        "-c" + connections,
                        "-d" + seconds + "s",
                        "--latency",
                        "-s",
                        script.toString(),
                        daemon.http().toString(),
                        "--",
                        file.toString(),
                        run)
                .redirectErrorStream(true)
                .start();
        String output = new String(wrk.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!wrk.waitFor(seconds + 30L, TimeUnit.SECONDS) || wrk.exitValue() != 0) {
            throw new IllegalStateException("wrk failed: " + output);
        }
        String[] result = output.lines()
                .filter(line -> line.startsWith("RESULT"))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(output))
                .split(" ");
        long deliveries = Long.parseLong(result[1]);
        return new Load(
                deliveries / (Long.parseLong(result[2]) / 1e6),
                Long.parseLong(result[4]) / 1e3,
                Long.parseLong(result[5]) / 1e3,
                Long.parseLong(result[6]) / 1e3,
                Long.parseLong(result[3]),
                cpu(daemon).minus(before).toNanos() / 1e3 / deliveries);
    }

    /** What the daemon has used of the processors, which other work on the machine changes little. */
    private static Duration cpu(Daemon daemon) {
        return ProcessHandle.of(daemon.pid())
                .flatMap(process -> process.info().totalCpuDuration())
                .orElse(Duration.ZERO);
    }
}
