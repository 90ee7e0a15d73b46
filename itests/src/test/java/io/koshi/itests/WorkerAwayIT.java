package io.koshi.itests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** koshi worker as on another machine: a home of its own, the hub's address and a token, nothing else. */
class WorkerAwayIT {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    static Path home;

    @TempDir
    Path away;

    private static int port;
    private static Daemon daemon;
    private final List<Process> workers = new ArrayList<>();

    @BeforeAll
    static void start() throws IOException {
        port = quietPort();
        daemon = Daemon.in(home).config(config()).start();
    }

    /** Always at one address, where its workers look for it. */
    private static String config() {
        return "http: { port: " + port + " }\ntasks: { code: true }\n";
    }

    /** A free one that the system gives nobody who asks for any port: nobody takes it while the hub is down. */
    private static int quietPort() throws IOException {
        int first = Integer.parseInt(Files.readString(Path.of("/proc/sys/net/ipv4/ip_local_port_range"))
                .split("\\s+")[0]);
        Random random = new Random();
        while (true) {
            int port = first / 2 + random.nextInt(first / 2);
            try (ServerSocket free = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return free.getLocalPort();
            } catch (BindException taken) {
                continue;
            }
        }
    }

    @AfterAll
    static void stop() {
        daemon.close();
    }

    @AfterEach
    void dismiss() throws InterruptedException {
        for (Process worker : workers) {
            worker.descendants().forEach(ProcessHandle::destroyForcibly);
            worker.destroyForcibly().waitFor();
        }
    }

    @Test
    void readsWhatIsKnownThereAndKeepsTheTokenFromWhatItStarts() throws Exception {
        Files.createDirectories(away.resolve("work/.koshi"));
        Files.createDirectories(away.resolve("work/.kiro"));
        Files.writeString(away.resolve("work/.koshi/context.md"), "One.\n");
        Files.writeString(away.resolve("work/.kiro/context.md"), "Two.\n");
        worker(token("reads"), "--command", "cat; echo; echo token=$KOSHI_TOKEN");

        assertThat(done(enqueue("Three.", "chat")).path("result").asText())
                .isEqualTo("One.\n\nTwo.\n\nThree.\ntoken=\n");
    }

    @Test
    void doesManyAtATimeEachInADirectoryOfItsOwn() throws Exception {
        String all = "touch here; while [ $(ls -d ../task-*/here | wc -l) -lt 3 ]; do sleep 0.05; done; ls";
        worker(token("many"), "--command", all, "--count", "3", "--isolated");

        List<String> tasks = List.of(enqueue("1", "chat"), enqueue("2", "chat"), enqueue("3", "chat"));
        for (String task : tasks) { // each waits until all three are under way
            assertThat(done(task).path("result").asText()).isEqualTo("here\n");
        }
    }

    @Test
    void takesProgramsOnlyWhereItSaysSoItself() throws Exception {
        String task = enqueue("print(6 * 7)", "python");
        worker(token("careful"), "--command", "cat");
        done(enqueue("it is there", "chat"));
        assertThat(show(task).path("status").asText()).isEqualTo("queued");

        worker(token("trusting"), "--trust-all-tools");
        assertThat(done(task).path("result").asText()).isEqualTo("42\n");
    }

    @Test
    void isToldWhyItIsNotLetInAndEnds() throws Exception {
        Process worker = worker("koshi_not-a-token", "--command", "cat");

        assertThat(worker.waitFor(120, TimeUnit.SECONDS)).isTrue();
        assertThat(worker.exitValue()).isEqualTo(4);
        assertThat(said()).contains("The hub does not let this worker take tasks");

        Process reader = worker(daemonToken("reader", "task.read"), "--command", "cat");
        assertThat(reader.waitFor(120, TimeUnit.SECONDS)).isTrue();
        assertThat(reader.exitValue()).isEqualTo(4);
        assertThat(said()).contains("task.write");
    }

    @Test
    void endsItsWorkWhenItsTokenIsTakenBack() throws Exception {
        Process worker = worker(token("lost"), "--command", "echo $$ > begun; sleep 600; echo over > over");
        String task = enqueue("long", "chat");
        await().until(() -> Files.exists(away.resolve("work/begun")));

        assertThat(KoshiCommand.in(home).run("token", "revoke", "lost").exit()).isZero();

        assertThat(worker.waitFor(120, TimeUnit.SECONDS)).isTrue();
        assertThat(worker.exitValue()).isEqualTo(4);
        long program =
                Long.parseLong(Files.readString(away.resolve("work/begun")).strip());
        await().until(() ->
                ProcessHandle.of(program).filter(ProcessHandle::isAlive).isEmpty());
        await().until(() -> show(task).path("status").asText().equals("queued"));
        daemon.call("task.cancel", Map.of("taskId", task));
    }

    @Test
    void comesBackToAHubThatWasGoneAndBringsNothingTwice() throws Exception {
        worker(token("stays"), "--command", "echo once >> done; cat");
        assertThat(done(enqueue("before", "chat")).path("result").asText()).isEqualTo("before");
        daemon.kill();
        await().until(() -> said().contains("the hub cannot be reached"));
        daemon.restart();
        String after = enqueue("after", "chat");

        assertThat(done(after).path("result").asText()).isEqualTo("after");
        assertThat(Files.readAllLines(away.resolve("work/done"))).hasSize(2);
    }

    @Test
    void finishesWhatIsUnderWayBeforeItEnds() throws Exception {
        Process worker =
                worker(token("drains"), "--command", "touch begun; while [ ! -e go ]; do sleep 0.05; done; echo fine");
        String task = enqueue("slow", "chat");
        await().until(() -> Files.exists(away.resolve("work/begun")));
        String next = enqueue("not for it any more", "chat");

        worker.destroy();
        await().until(() -> said().contains("finishing what is under way"));
        Files.createFile(away.resolve("work/go"));

        assertThat(worker.waitFor(120, TimeUnit.SECONDS)).isTrue();
        assertThat(worker.exitValue()).isZero();
        assertThat(show(task).path("result").asText()).isEqualTo("fine\n");
        assertThat(show(next).path("status").asText()).isEqualTo("queued");
        daemon.call("task.cancel", Map.of("taskId", next));
    }

    @Test
    void givesBackWhatDoesNotEndInTime() throws Exception {
        Process worker = worker(token("hurries"), "--command", "touch begun; sleep 600", "--drain", "1");
        String task = enqueue("endless", "chat");
        await().until(() -> Files.exists(away.resolve("work/begun")));

        worker.destroy();

        assertThat(worker.waitFor(120, TimeUnit.SECONDS)).isTrue();
        assertThat(worker.exitValue()).isZero();
        JsonNode given = show(task);
        assertThat(given.path("status").asText()).isEqualTo("queued");
        assertThat(given.path("attempts").path(0).path("status").asText()).isEqualTo("released");
        daemon.call("task.cancel", Map.of("taskId", task));
    }

    @Test
    void asksAnEndpointOrAModelOfItsOwnConfiguration() throws Exception {
        try (ChatServer server = new ChatServer()) {
            Process asking = worker(token("asks"), "--endpoint", server.address(), "--model", "any");
            assertThat(done(enqueue("hello", "chat")).path("result").asText()).isEqualTo("any: hello");
            asking.destroy();
            assertThat(asking.waitFor(120, TimeUnit.SECONDS)).isTrue();

            Files.createDirectories(away.resolve("home"));
            Files.writeString(
                    away.resolve("home/koshi.yaml"),
                    "models:\n  near: { plugin: openai, model: qwen, endpoint: \"" + server.address()
                            + "\", apiKey: \"${NEAR_KEY}\" }\n  loud: { plugin: command, command: [\"tr\", \"a-z\", \"A-Z\"] }\n");
            worker(token("named"), "--model", "near");

            assertThat(done(enqueue("hello", "chat")).path("result").asText()).isEqualTo("qwen: hello");
            assertThat(server.keys).contains("Bearer near-key");
            String loud = daemon.call("task.enqueue", Map.of("prompt", "hello", "model", "loud"))
                    .path("taskId")
                    .asText();
            String others = daemon.call("task.enqueue", Map.of("prompt", "hello", "model", "elsewhere"))
                    .path("taskId")
                    .asText();
            assertThat(done(loud).path("result").asText()).isEqualTo("HELLO");
            assertThat(done(enqueue("later", "chat")).path("result").asText()).isEqualTo("qwen: later");
            assertThat(show(others).path("status").asText())
                    .as("no worker has its model, so none does it with another")
                    .isEqualTo("queued");
            assertThat(show(others).path("waitsFor").asText()).contains("'elsewhere'");
        }
    }

    /** Repeats what it is told, as chat completions. */
    private static final class ChatServer implements AutoCloseable {
        private final HttpServer server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
        private final List<String> keys = new java.util.concurrent.CopyOnWriteArrayList<>();

        ChatServer() throws IOException {
            server.createContext("/v1/chat/completions", exchange -> {
                keys.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
                JsonNode asked = JSON.readTree(exchange.getRequestBody());
                String said = asked.path("model").asText() + ": "
                        + asked.path("messages").path(0).path("content").asText();
                byte[] body = JSON.writeValueAsBytes(
                        Map.of("choices", List.of(Map.of("message", Map.of("role", "assistant", "content", said)))));
                exchange.sendResponseHeaders(200, body.length);
                exchange.getResponseBody().write(body);
                exchange.close();
            });
            server.start();
        }

        String address() {
            return "http://127.0.0.1:" + server.getAddress().getPort() + "/v1";
        }

        @Override
        public void close() {
            server.stop(0);
        }
    }

    private Process worker(String token, String... words) throws IOException {
        Files.createDirectories(away.resolve("work"));
        List<String> line = new ArrayList<>(List.of(
                "worker",
                "--hub",
                "ws://127.0.0.1:" + port,
                "--workdir",
                away.resolve("work").toString()));
        line.addAll(List.of(words));
        line.addAll(List.of("--lease", "10"));
        Process process = KoshiCommand.in(away.resolve("home"))
                .environment("KOSHI_TOKEN", token)
                .environment("NEAR_KEY", "near-key")
                .process(line.toArray(String[]::new))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        away.resolve("worker.log").toFile()))
                .start();
        workers.add(process);
        return process;
    }

    private String said() throws IOException {
        return Files.readString(away.resolve("worker.log"));
    }

    private static String token(String name) throws Exception {
        return daemonToken(name, "task.read,task.write");
    }

    private static String daemonToken(String name, String scopes) throws Exception {
        KoshiCommand.Outcome made = KoshiCommand.in(home).run("--json", "token", "create", name, "--scope", scopes);
        assertThat(made.exit()).as(made.err()).isZero();
        return made.json().path("token").asText();
    }

    private static String enqueue(String prompt, String type) throws IOException {
        Map<String, Object> ask = new LinkedHashMap<>();
        ask.put("prompt", prompt);
        ask.put("type", type);
        return daemon.call("task.enqueue", ask).path("taskId").asText();
    }

    private static JsonNode show(String task) throws IOException {
        return daemon.call("task.get", Map.of("taskId", task));
    }

    private JsonNode done(String task) throws IOException {
        await().until(() ->
                List.of("done", "failed").contains(show(task).path("status").asText()));
        JsonNode ended = show(task);
        assertThat(ended.path("status").asText()).as("%s %s", ended, said()).isEqualTo("done");
        return ended;
    }
}
