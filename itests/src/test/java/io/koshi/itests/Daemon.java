package io.koshi.itests;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The real daemon in a process of its own, from the distribution that the build made, in a home of the test's. Where
 * the test's JVM has {@code -Dkoshi.connect=false} the daemon runs isolated. Confined to one thread, but for {@link
 * #http}, {@link #get} and {@link #post}.
 *
 * <pre>{@code
 * try (Daemon daemon = Daemon.in(home).config("http: { port: 0 }").start()) {
 *     assertThat(daemon.get("/health").statusCode()).isEqualTo(200);
 *     daemon.kill();
 *     daemon.restart();
 * }
 * }</pre>
 */
public final class Daemon implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final HttpClient client = HttpClient.newBuilder()
            .connectTimeout(Duration.ofSeconds(2))
            .version(HttpClient.Version.HTTP_1_1)
            .build();
    private final Path home;
    private final List<String> arguments = new ArrayList<>();
    private final Map<String, String> environment = new HashMap<>();
    private volatile URI http;
    private Process process;

    private Daemon(Path home) {
        this.home = home;
    }

    /** A daemon that is not started yet, with this home. */
    public static Daemon in(Path home) {
        return new Daemon(home);
    }

    /** Writes koshi.yaml. */
    public Daemon config(String yaml) throws IOException {
        Files.createDirectories(home);
        Files.writeString(home.resolve("koshi.yaml"), yaml);
        return this;
    }

    /** Adds to the command line, for example {@code --small}. */
    public Daemon argument(String argument) {
        arguments.add(argument);
        return this;
    }

    /** Adds to the environment, on top of the test's own. */
    public Daemon environment(String name, String value) {
        environment.put(name, value);
        return this;
    }

    /** Starts the process and returns when the hub says that it is ready. */
    public Daemon start() throws IOException {
        launch();
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(10)).until(this::ready);
        return this;
    }

    /** Starts the process and does not wait for anything. */
    public Daemon launch() throws IOException {
        List<String> line = new ArrayList<>(List.of(
                distribution().resolve("bin").resolve("koshi-daemon").toString(),
                "--detached",
                "--home",
                home.toString()));
        if (!Boolean.parseBoolean(System.getProperty("koshi.connect", "true"))) {
            line.add("--isolated");
        }
        line.addAll(arguments);
        Files.createDirectories(home);
        ProcessBuilder builder = new ProcessBuilder(line)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(output()))
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")));
        builder.environment().putAll(environment);
        process = builder.start();
        return this;
    }

    /** Starts it again after {@link #kill} or {@link #stop}, and waits until it is ready. */
    public Daemon restart() throws IOException {
        return start();
    }

    /** SIGKILL: no handler runs, nothing is flushed. Returns when the process is gone. */
    public void kill() throws InterruptedException {
        http = null;
        process.destroyForcibly();
        process.waitFor();
    }

    /** SIGTERM: the hub drains. Returns the exit code. */
    public int stop() throws InterruptedException {
        http = null;
        process.destroy();
        return exit();
    }

    /** Waits for the process to end by itself and returns its exit code. */
    public int exit() throws InterruptedException {
        if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            throw new AssertionError("still running after " + PATIENCE + "\n" + outputText());
        }
        return process.exitValue();
    }

    /** The address of the HTTP doors now; it moves at a restart where the port is 0. */
    public URI http() {
        URI now = http;
        if (now == null) {
            throw new IllegalStateException("the daemon is down");
        }
        return now;
    }

    /** GET of a path. */
    public HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(http().resolve(path)));
    }

    /** POST of a body to a path, with headers as name, value, name, value. */
    public HttpResponse<String> post(String path, String body, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(http().resolve(path))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body));
        return send(headers.length == 0 ? request : request.headers(headers));
    }

    /** Calls a method over the Unix socket, as the admin. */
    public JsonNode call(String method, Map<String, ?> params) throws IOException {
        try (FrameSocket frames = frames()) {
            return frames.call(method, params);
        }
    }

    /** A connection to the Unix socket, for events and for many calls. */
    public FrameSocket frames() throws IOException {
        return FrameSocket.open(
                Path.of(Files.readAllLines(home.resolve("koshi.pid")).get(1)));
    }

    public Path home() {
        return home;
    }

    public long pid() {
        return process.pid();
    }

    /** {@code logs/koshi.log} so far. */
    public String log() throws IOException {
        Path log = home.resolve("logs").resolve("koshi.log");
        return Files.exists(log) ? Files.readString(log) : "";
    }

    /** What the process wrote to standard output and standard error so far. */
    public String outputText() {
        try {
            return Files.readString(output().toPath());
        } catch (IOException none) {
            return "";
        }
    }

    /** Stops the daemon, by force where it must be. */
    @Override
    public void close() throws InterruptedException {
        http = null;
        if (process != null) {
            process.destroy();
            if (!process.waitFor(40, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        }
    }

    private boolean ready() throws IOException {
        if (!process.isAlive()) {
            throw new AssertionError("ended with exit code " + process.exitValue() + "\n" + outputText() + log());
        }
        try (FrameSocket frames = frames()) {
            if (!frames.call("hub.health", Map.of()).path("ready").asBoolean()) {
                return false;
            }
            JsonNode door = frames.call("hub.status", Map.of()).path("http");
            http = URI.create("http://" + door.path("host").asText() + ":"
                    + door.path("port").asInt());
            return true;
        } catch (IOException | FrameSocket.Refused notYet) {
            return false;
        }
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return client.send(request.timeout(Duration.ofSeconds(30)).build(), HttpResponse.BodyHandlers.ofString());
    }

    private File output() {
        return home.resolve("daemon.out").toFile();
    }

    private static Path distribution() {
        return Path.of(System.getProperty("koshi.dist")).toAbsolutePath().normalize();
    }
}
