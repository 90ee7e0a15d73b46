package io.koshi.bench;

import io.koshi.itests.Daemon;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The REST door: methods that look, by GET with a token, under wrk on the same processors; the smallest answer of the
 * same server beside them, so that what the door adds can be told from what HTTP costs.
 */
final class RestBench implements Bench.Story {
    private static final int CONNECTIONS = 32;
    private static final int WARM_SECONDS = 10;
    private static final int SECONDS = 10;
    private static final int NOTES = 200;
    private static final List<String> PATHS = List.of(
            "/health/live",
            "/api/v1/buffer/depth",
            "/api/v1/session/list?limit=20",
            "/api/v1/memory/query?query=note",
            "/api/v1/hub/status");
    private static final Pattern RATE = Pattern.compile("Requests/sec:\\s+([0-9.]+)");
    private static final Pattern P99 = Pattern.compile("99%\\s+([0-9.]+)(us|ms|s)");

    @Override
    public void run(Path scratch) throws Exception {
        try (Daemon daemon =
                Daemon.in(scratch.resolve("home")).config("http: { port: 0 }\n").start()) {
            String token = Files.readString(daemon.home().resolve("token")).strip();
            for (int i = 0; i < NOTES; i++) {
                daemon.call("memory.store", Map.of("content", "note number " + i));
                daemon.call("session.create", Map.of("sessionKey", "bench:" + i));
            }
            Table table = new Table(
                    "REST, GET with a token, " + CONNECTIONS + " connections, " + WARM_SECONDS + " s warm-up, "
                            + SECONDS + " s; /health/live is the server alone; no fsync in these paths",
                    "path",
                    "requests/s",
                    "p99 ms",
                    "hub CPU µs each");
            for (String path : PATHS) {
                load(daemon, path, token, WARM_SECONDS);
                Duration before = cpu(daemon);
                String output = load(daemon, path, token, SECONDS);
                double perSecond = Double.parseDouble(found(RATE, output).group(1));
                Matcher slow = found(P99, output);
                double ms = Double.parseDouble(slow.group(1))
                        * switch (slow.group(2)) {
                            case "us" -> 1e-3;
                            case "ms" -> 1;
                            default -> 1e3;
                        };
                double each = cpu(daemon).minus(before).toNanos() / 1e3 / (perSecond * SECONDS);
                table.row(path, perSecond, ms, each);
            }
            table.print(System.out);
        }
    }

    private static String load(Daemon daemon, String path, String token, int seconds) throws Exception {
        Process wrk = new ProcessBuilder(
                        "wrk",
                        "-t1",
                        "-c" + CONNECTIONS,
                        "-d" + seconds + "s",
                        "--latency",
                        "--timeout",
                        "10s",
                        "-H",
                        "Authorization: Bearer " + token,
                        daemon.http() + path)
                .redirectErrorStream(true)
                .start();
        String output = new String(wrk.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!wrk.waitFor(seconds + 30L, TimeUnit.SECONDS)
                || wrk.exitValue() != 0
                || output.contains("Non-2xx")
                || output.contains("Socket errors")) {
            throw new IllegalStateException("wrk failed: " + output);
        }
        return output;
    }

    private static Matcher found(Pattern pattern, String output) {
        Matcher matcher = pattern.matcher(output);
        if (!matcher.find()) {
            throw new IllegalStateException(output);
        }
        return matcher;
    }

    private static Duration cpu(Daemon daemon) {
        return ProcessHandle.of(daemon.pid())
                .flatMap(process -> process.info().totalCpuDuration())
                .orElse(Duration.ZERO);
    }
}
