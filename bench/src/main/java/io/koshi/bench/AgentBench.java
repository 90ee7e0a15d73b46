package io.koshi.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.koshi.itests.Daemon;
import io.koshi.itests.FrameSocket;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** Two hundred conversations that are answered at once: are all deltas there, how late are they, how big is the hub. */
final class AgentBench implements Bench.Story {
    private static final int RUNS = 200;
    private static final int DELTAS = 100;
    private static final int WARM = 100;
    private static final Duration GAP = Duration.ofMillis(50);
    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * What a subscriber saw.
     *
     * @param at by a delta's number, the moment of {@link System#nanoTime} when the subscriber had it; 0 where it never
     *     came
     */
    private record Seen(long deltas, long lost, long wrong, long[] at) {}

    /**
     * How a round went.
     *
     * @param lateMs for each delta in the order of writing, from its arrival at the hub to the subscriber
     * @param hubMicros processor time of the hub for each delta, its compilers' aside
     */
    private record Round(Seen seen, double[] lateMs, double hubMicros) {}

    @Override
    public void run(Path scratch) throws Exception {
        try (StreamingModel model = new StreamingModel();
                Daemon daemon = Daemon.in(scratch.resolve("home"))
                        .config("http: { port: 0 }\nagents: { maxConcurrent: " + RUNS + " }\nagent: { model: main }\n"
                                + "models: { main: { plugin: anthropic, model: fake, apiKey: none, endpoint: \""
                                + model.endpoint() + "\" } }\n")
                        .start()) {
            round(daemon, model, "warm", WARM);
            Round round = round(daemon, model, "bench", DELTAS);
            Table table = new Table(
                            RUNS + " streaming runs at once, " + 1000 / GAP.toMillis()
                                    + " deltas/s each, to one subscriber of the socket; the model's side runs on the"
                                    + " same processors",
                            "what",
                            "figure")
                    .row("deltas seen of " + RUNS * DELTAS, round.seen().deltas())
                    .row(
                            "lost, out of order",
                            round.seen().lost() + ", " + round.seen().wrong())
                    .row("arrival at the hub's socket to the subscriber, p50 ms", percentile(round.lateMs(), 0.5))
                    .row("p99 ms", percentile(round.lateMs(), 0.99))
                    .row("worst ms", percentile(round.lateMs(), 1))
                    .row("p99 of each tenth of the time, ms", tenths(round.lateMs()))
                    .row("hub CPU a delta, compilers aside, µs", round.hubMicros())
                    .row("resident while they ran, MiB", resident(daemon.pid()));
            table.print(System.out);
        }
    }

    private static double percentile(double[] values, double part) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[Math.min(sorted.length - 1, (int) (sorted.length * part))];
    }

    private static String tenths(double[] values) {
        int tenth = values.length / 10;
        return IntStream.range(0, 10)
                .mapToObj(i -> Arrays.copyOfRange(values, i * tenth, (i + 1) * tenth))
                .map(part -> String.format("%.1f", percentile(part, 0.99)))
                .collect(Collectors.joining(" "));
    }

    private static Round round(Daemon daemon, StreamingModel model, String name, int deltas) throws Exception {
        try (FrameSocket subscriber = daemon.frames();
                FrameSocket asker = daemon.frames()) {
            subscriber.call("gateway.subscribe", Map.of("topics", List.of("run.*")));
            for (int i = 0; i < RUNS; i++) {
                asker.send(JSON.valueToTree(Map.of(
                        "type",
                        "req",
                        "id",
                        name + i,
                        "method",
                        "agent.run",
                        "params",
                        Map.of("sessionKey", name + ":" + i, "task", "speak"))));
            }
            Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> model.connected() == RUNS);
            long before = cpuNanos(daemon.pid());
            CompletableFuture<long[]> arrived = new CompletableFuture<>();
            Thread speaker = new Thread(() -> {
                try {
                    arrived.complete(model.speak(deltas, GAP.toNanos()));
                } catch (IOException | RuntimeException e) {
                    arrived.completeExceptionally(e);
                }
            });
            speaker.start();
            Seen seen = watch(subscriber, deltas * RUNS);
            long spent = cpuNanos(daemon.pid()) - before;
            long[] begun = arrived.get();
            double[] late = IntStream.range(0, begun.length)
                    .mapToDouble(i -> Math.max(0, seen.at()[i] - begun[i]) / 1e6)
                    .toArray();
            return new Round(seen, late, spent / 1e3 / late.length);
        }
    }

    private static Seen watch(FrameSocket subscriber, int expected) throws IOException {
        Map<String, Integer> next = new HashMap<>();
        long[] at = new long[expected];
        long deltas = 0;
        long lost = 0;
        long wrong = 0;
        int ended = 0;
        while (ended < RUNS) {
            JsonNode frame = subscriber.event();
            JsonNode payload = frame.path("payload");
            switch (frame.path("event").asText()) {
                case "run.delta" -> {
                    at[Integer.parseInt(payload.path("delta").asText().strip())] = System.nanoTime();
                    deltas++;
                    int index = payload.path("index").asInt();
                    wrong += next.merge(payload.path("runId").asText(), 1, Integer::sum) - 1 == index ? 0 : 1;
                }
                case "run.completed" -> {
                    ended++;
                    wrong += payload.path("success").asBoolean() ? 0 : 1;
                }
                case "gateway.gap" ->
                    lost += payload.path("to").asLong() - payload.path("from").asLong() + 1;
                default -> {
                    continue;
                }
            }
        }
        return new Seen(deltas, lost, wrong, at);
    }

    /** What the hub has used, ended threads too, those of the JVM's compilers left out. */
    private static long cpuNanos(long pid) throws IOException {
        String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        long nanos = (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * 10_000_000;
        try (Stream<Path> tasks = Files.list(Path.of("/proc", Long.toString(pid), "task"))) {
            for (Path task : tasks.toList()) {
                try {
                    if (Files.readString(task.resolve("comm")).matches("C[12] .*\\s*")) {
                        nanos -= Long.parseLong(
                                Files.readString(task.resolve("schedstat")).split(" ")[0]);
                    }
                } catch (IOException ended) {
                    continue; // between the listing and the look
                }
            }
        }
        return nanos;
    }

    private static long resident(long pid) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) >> 10)
                .findFirst()
                .orElse(0);
    }
}
