package io.koshi.itests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** A hub with every door open that its distribution has, and good clients at work there. Confined to one thread. */
final class OpenHouse implements AutoCloseable {
    /** Doors that may go one day, and what koshi.yaml says of each; the stories are then at the others. */
    private static final Map<String, String> OLD = Map.of(
            "vargos", "vargos: { port: 0, pingMs: 2000 }",
            "tui", "tui: { port: 0, pingMs: 2000 }",
            "ksi", "ksi: { http: 0 }",
            "swarm", "swarm: { port: 0, rest: 0, lineSeconds: 5 }");

    final Daemon daemon;
    final String token;
    private final Map<String, String> older = new LinkedHashMap<>(OLD);

    /** @param more of koshi.yaml */
    OpenHouse(Path home, String more) throws IOException {
        String[] jars =
                Path.of(System.getProperty("koshi.dist"), "lib").toFile().list();
        older.keySet().removeIf(door -> Arrays.stream(jars).noneMatch(jar -> jar.startsWith("io.koshi." + door + "-")));
        daemon = Daemon.in(home)
                .config("http: { port: 0 }\ndoors: { " + String.join(", ", older.values()) + " }\n" + more)
                .start();
        token = Files.readString(home.resolve("token")).strip();
        older.keySet().forEach(door -> await().until(() -> port(door) > 0));
    }

    @Override
    public void close() throws IOException {
        daemon.close();
        assertThat(daemon.log()).doesNotContain("OutOfMemoryError", "StackOverflowError", "\"level\":\"error\"");
    }

    /** Whether this door is open here; the hub's own always are. */
    boolean has(String door) {
        return !OLD.containsKey(door) || older.containsKey(door);
    }

    Path socket() throws IOException {
        return Path.of(Files.readAllLines(daemon.home().resolve("koshi.pid")).get(1));
    }

    /** Where an older door listens; 0 where it is not. */
    int port(String door) throws IOException {
        JsonNode data = data(door);
        return (data.has("port") ? data.path("port") : data.path("http")).asInt();
    }

    /** Where the older REST listens, which has a port beside its door's. */
    int restPort() throws IOException {
        return data("swarm").path("rest").asInt();
    }

    private JsonNode data(String door) throws IOException {
        for (JsonNode part : daemon.call("hub.health", Map.of()).path("parts")) {
            if (part.path("name").asText().equals(door)) {
                return part.path("data");
            }
        }
        return MissingNode.getInstance();
    }

    /** Sets good clients to work. */
    Guests welcome() {
        return new Guests();
    }

    /** Two at the socket, two at the gateway, two at REST, one at each of two older ports where they are. */
    final class Guests implements AutoCloseable {
        private final ExecutorService threads = Executors.newCachedThreadPool();
        private final AtomicBoolean over = new AtomicBoolean();
        private final List<AtomicInteger> answered = new ArrayList<>();
        private final List<Future<?>> works = new ArrayList<>();

        private Guests() {
            for (int i = 0; i < 8; i++) {
                AtomicInteger count = new AtomicInteger();
                int which = i;
                answered.add(count);
                works.add(threads.submit(() -> {
                    work(which, count);
                    return null;
                }));
            }
        }

        /** Waits until each of them was answered three times more. */
        void areStillAnswered() {
            List<Integer> sofar = answered.stream().map(AtomicInteger::get).toList();
            await().until(() -> {
                for (int i = 0; i < sofar.size(); i++) {
                    if (answered.get(i).get() < sofar.get(i) + 3
                            && !works.get(i).isDone()) {
                        return false;
                    }
                }
                return true;
            });
        }

        /** Sends them home; whoever was refused or hung up on says so here. */
        void thank() throws Exception {
            over.set(true);
            for (Future<?> one : works) {
                one.get();
            }
        }

        @Override
        public void close() {
            threads.shutdownNow();
        }

        private void work(int which, AtomicInteger count) throws Exception {
            switch (which == 7 && !has("swarm") ? 0 : which) {
                case 0, 1 -> {
                    try (FrameSocket socket = daemon.frames()) {
                        while (!over.get()) {
                            assertThat(socket.call("session.list", Map.of()).has("sessions"))
                                    .isTrue();
                            count.incrementAndGet();
                        }
                    }
                }
                case 2, 3, 4 -> {
                    boolean old = which == 4 && has("vargos");
                    try (RawWebSocket client =
                            old ? new RawWebSocket(port("vargos"), "/") : RawWebSocket.gateway(daemon, "/gateway")) {
                        client.socket.setSoTimeout(120_000);
                        while (!over.get()) {
                            assertThat(client.call("session.list", "{}")
                                            .path("ok")
                                            .asBoolean())
                                    .isTrue();
                            count.incrementAndGet();
                        }
                    }
                }
                case 5, 6 -> {
                    while (!over.get()) {
                        assertThat(daemon.post("/api/v1/session/list", "{}", "Authorization", "Bearer " + token)
                                        .statusCode())
                                .isEqualTo(200);
                        count.incrementAndGet();
                    }
                }
                default -> {
                    try (Socket agent = new Socket("127.0.0.1", port("swarm"))) {
                        agent.setSoTimeout(120_000);
                        BufferedReader lines = new BufferedReader(new InputStreamReader(agent.getInputStream(), UTF_8));
                        while (!over.get()) {
                            agent.getOutputStream().write("{\"id\":1,\"method\":\"stats\"}\n".getBytes(UTF_8));
                            assertThat(lines.readLine()).contains("\"error\":null");
                            count.incrementAndGet();
                        }
                    }
                }
            }
        }
    }
}
