package io.koshi.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.koshi.itests.Daemon;
import io.koshi.itests.FrameSocket;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;

/** Two hundred conversations that are answered at once: are all deltas there, how late are they, how big is the hub. */
final class AgentBench implements Bench.Story {
    private static final int RUNS = 200;
    private static final int DELTAS = 100;
    private static final Duration GAP = Duration.ofMillis(50);
    private static final ObjectMapper JSON = new ObjectMapper();

    /** What a subscriber saw. */
    private record Seen(long deltas, long lost, long wrong, List<Double> lateMs) {}

    @Override
    public void run(Path scratch) throws Exception {
        try (StreamingModel model = new StreamingModel();
                Daemon daemon = Daemon.in(scratch.resolve("home"))
                        .config("http: { port: 0 }\nagents: { maxConcurrent: " + RUNS + " }\nagent: { model: main }\n"
                                + "models: { main: { plugin: anthropic, model: fake, apiKey: none, endpoint: \""
                                + model.endpoint() + "\" } }\n")
                        .start()) {
            round(daemon, model, "warm", 20);
            Seen seen = round(daemon, model, "bench", DELTAS);
            List<Double> late = seen.lateMs();
            Collections.sort(late);
            new Table(
                            RUNS + " streaming runs at once, " + 1000 / GAP.toMillis()
                                    + " deltas/s each, to one subscriber of the socket; the model's side runs on the"
                                    + " same processors",
                            "what",
                            "figure")
                    .row("deltas seen of " + RUNS * DELTAS, seen.deltas())
                    .row("lost, out of order", seen.lost() + ", " + seen.wrong())
                    .row("from the model's write to the subscriber, p50 ms", late.get(late.size() / 2))
                    .row("p99 ms", late.get((int) (late.size() * 0.99)))
                    .row("worst ms", late.get(late.size() - 1))
                    .row("resident while they ran, MiB", resident(daemon.pid()))
                    .print(System.out);
        }
    }

    private static Seen round(Daemon daemon, StreamingModel model, String name, int deltas) throws Exception {
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
            Thread speaker = new Thread(() -> {
                try {
                    model.speak(deltas, GAP.toNanos());
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            speaker.start();
            Seen seen = watch(subscriber);
            speaker.join();
            return seen;
        }
    }

    private static Seen watch(FrameSocket subscriber) throws IOException {
        Map<String, Integer> next = new HashMap<>();
        List<Double> late = new ArrayList<>(RUNS * DELTAS);
        long lost = 0;
        long wrong = 0;
        int ended = 0;
        while (ended < RUNS) {
            JsonNode frame = subscriber.event();
            JsonNode payload = frame.path("payload");
            switch (frame.path("event").asText()) {
                case "run.delta" -> {
                    long now = System.nanoTime();
                    long sent = Long.parseLong(payload.path("delta").asText().strip());
                    late.add((now - sent) / 1e6);
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
        return new Seen(late.size(), lost, wrong, late);
    }

    private static long resident(long pid) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) >> 10)
                .findFirst()
                .orElse(0);
    }
}
