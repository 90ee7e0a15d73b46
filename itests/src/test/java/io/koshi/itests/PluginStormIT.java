package io.koshi.itests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Plugins come, are replaced and go again and again while messages flow: nothing is lost or out of order, nobody else
 * is touched, and nothing of them is kept.
 */
@Timeout(value = 60, unit = TimeUnit.MINUTES)
class PluginStormIT {
    private static final String SECRET = "storm-secret";
    private static final int CONVERSATIONS = 4;
    private static final Pattern USED = Pattern.compile("total \\d+K, used (\\d+)K");

    @TempDir
    Path home;

    @TempDir
    Path workbench;

    private final AtomicIntegerArray accepted = new AtomicIntegerArray(CONVERSATIONS);
    private final ExecutorService threads = Executors.newFixedThreadPool(CONVERSATIONS);
    private final List<Future<?>> senders = new ArrayList<>();
    private volatile boolean sending = true;
    private FakePlatform platform;
    private Daemon daemon;
    private FrameSocket admin;
    private Path box;

    @BeforeEach
    void start() throws IOException {
        box = home.resolve("box");
        platform = new FakePlatform(SECRET);
        daemon = Daemon.in(home)
                .environment("KOSHI_ARCHIVE", "use") // a run that makes one on Java 25 keeps classes for it
                .config("""
                http: { port: 0 }
                plugins:
                  - { name: github, secret: "%s" }
                  - { name: http, url: "%s", secret: "%s", timeoutSeconds: 60 }
                routes:
                  - match: { channel: github }
                    action:
                      - { send: { channel: http, to: "{{number}}", text: "{{delivery}}" } }
                      - { send: { channel: folder, to: "{{number}}", text: "{{delivery}}" } }
                buffer: { batchWindowMs: 20 }
                gateway: { replay: 16 } # what is kept for subscribers does not grow with the load
                """.formatted(SECRET, platform.uri(), SECRET))
                .start();
        admin = daemon.frames();
    }

    @AfterEach
    void stop() throws IOException {
        sending = false;
        threads.shutdownNow();
        admin.close();
        daemon.close();
        platform.close();
    }

    @Test
    void keepsNothingOfAFewCyclesUnderLoad() throws Exception {
        storm(5, 25, 110); // seen: 96; caches are not full after so few, and what is left behind by each is counted
    }

    @Test
    @Tag("extended")
    void keepsNothingOfManyCyclesUnderLoad() throws Exception {
        storm(100, 500, 105); // seen: 104.1 under 45,000 messages
    }

    @Test
    void replacingAPluginTouchesNobodyElse() throws Exception {
        replace(10);
    }

    @Test
    @Tag("extended")
    void replacingAPluginManyTimesTouchesNobodyElse() throws Exception {
        replace(100);
    }

    @Test
    void aListenerThatIsReplacedIsNeverSaidToBeNowhere() throws Exception {
        RetryingSender platforms = send();
        Path shipped = Path.of(System.getProperty("koshi.dist"), "garden");
        Path github;
        try (Stream<Path> jars = Files.list(shipped)) {
            github = jars.filter(jar -> jar.getFileName().toString().contains("listener.github"))
                    .findFirst()
                    .orElseThrow();
        }
        Path another = GuestPlugin.rebuilt(github, "9.9.9", workbench.resolve("github-9.9.9.jar"));
        for (int i = 0; i < 3; i++) {
            admin.call("plugin.reload", Map.of("name", "github"));
            admin.call("plugin.add", Map.of("source", another.toString()));
            admin.call("plugin.add", Map.of("source", "github", "settings", Map.of("secret", SECRET, "priority", i)));
        }
        Path broken = GuestPlugin.without(another, "GithubServlet", workbench.resolve("github-broken.jar"));
        assertThatThrownBy(() -> admin.call("plugin.add", Map.of("source", broken.toString())))
                .isInstanceOf(FrameSocket.Refused.class);
        await().until(() -> IntStream.range(0, CONVERSATIONS).allMatch(c -> accepted.get(c) > 20));

        settle();
        assertThat(platforms.finals())
                .as("answers that platforms take as final")
                .isZero();
        everythingArrived();

        admin.call("plugin.remove", Map.of("name", "github"));
        assertThat(daemon.post("/webhook/github", "{}").statusCode()).isEqualTo(404);
    }

    /** @param percent of the heap before that it may be afterwards */
    private void storm(int warmUp, int cycles, int percent) throws Exception {
        send();
        for (int i = 0; i < warmUp; i++) {
            cycle();
        }
        settle();
        Map<String, String> neighbours = neighbours();
        Footprint before = Footprint.of(daemon);

        sending = true;
        send();
        for (int i = 0; i < cycles; i++) {
            cycle();
        }
        settle();

        assertThat(neighbours()).isEqualTo(neighbours);
        Footprint after = Footprint.of(daemon);
        System.getLogger("storm")
                .log(
                        System.Logger.Level.INFO,
                        "{0} cycles under {1} messages; heap {2} KB before, {3} KB after; {4} bundles, {5} class loaders",
                        cycles,
                        platform.posts().size(),
                        before.heapKB(),
                        after.heapKB(),
                        after.bundles(),
                        after.loaders());
        // what is kept stays; a thread on its way out, or an answer that is still being written, does not
        await().untilAsserted(() -> nothingIsKept(before, Footprint.of(daemon), percent));
        everythingArrived();
    }

    private static void nothingIsKept(Footprint before, Footprint after, int percent) {
        assertThat(after.guests()).as("classes of plugins that are gone").isEmpty();
        assertThat(after.loaders()).isLessThanOrEqualTo(before.loaders());
        assertThat(more(after.files(), before.files())).as("files more").isEmpty();
        assertThat(more(after.threads(), before.threads())).as("threads more").isEmpty();
        assertThat(after.bundles()).as("bundles the framework remembers").isLessThanOrEqualTo(before.bundles());
        assertThat(after.heapKB()).isLessThan(before.heapKB() * percent / 100);
    }

    private static List<String> more(List<String> after, List<String> before) {
        List<String> more = new ArrayList<>(after);
        before.forEach(more::remove);
        return more;
    }

    /** Two plugins are installed, replaced by another build, and taken out; one has a channel that is addressed meanwhile. */
    private void cycle() throws IOException {
        Map<String, String> settings = Map.of("path", box.toString());
        for (String version : new String[] {"1.0.0", "1.0.1"}) {
            admin.call("plugin.add", Map.of("source", build("folder", version), "settings", settings));
            admin.call("plugin.add", Map.of("source", build("notes", version)));
            assertThat(admin.call("note.add", Map.of("text", version))
                            .path("id")
                            .asLong())
                    .isPositive();
        }
        admin.call("plugin.remove", Map.of("name", "folder"));
        admin.call("plugin.remove", Map.of("name", "notes"));
    }

    private void replace(int times) throws Exception {
        Map<String, String> settings = Map.of("path", box.toString());
        admin.call("plugin.add", Map.of("source", build("folder", "1.0.0"), "settings", settings));
        Map<String, String> neighbours = neighbours();
        send();

        for (int i = 1; i <= times; i++) {
            String version = i % 2 == 0 ? "1.0.0" : "1.0.1";
            admin.call("plugin.add", Map.of("source", build("folder", version)));
            assertThat(neighbours()).isEqualTo(neighbours);
        }

        await().until(() -> IntStream.range(0, CONVERSATIONS).allMatch(c -> accepted.get(c) > 20));
        settle();
        everythingArrived();
    }

    /** An example as it was built, or built again. */
    private String build(String example, String version) throws IOException {
        Path built = Path.of(Examples.jar(example));
        if (version.equals("1.0.0")) {
            return built.toString();
        }
        Path again = workbench.resolve(example + "-" + version + ".jar");
        return (Files.exists(again) ? again : GuestPlugin.rebuilt(built, version, again)).toString();
    }

    /** Starts a sender for each conversation; it posts one delivery after another. */
    private RetryingSender send() {
        RetryingSender sender = new RetryingSender(daemon::http);
        long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(50);
        for (int c = 0; c < CONVERSATIONS; c++) {
            int number = c;
            senders.add(threads.submit(() -> {
                while (sending) {
                    int i = accepted.get(number);
                    byte[] body = GithubDeliveries.pullRequest("octo/storm", number, "edited", i % 50);
                    Map<String, String> headers = new LinkedHashMap<>();
                    headers.put("X-GitHub-Event", "pull_request");
                    headers.put("X-GitHub-Delivery", "d-" + number + "-" + i);
                    headers.put("X-Hub-Signature-256", GithubDeliveries.signature(SECRET, body));
                    sender.send("/webhook/github", body, headers, deadline);
                    accepted.set(number, i + 1);
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
                }
                return null;
            }));
        }
        return sender;
    }

    /** Stops the senders and waits until all they brought is out, the folder's part too. */
    private void settle() throws Exception {
        sending = false;
        for (Future<?> each : senders) {
            each.get(4, TimeUnit.MINUTES);
        }
        senders.clear();
        boolean away = daemon.call("channel.list", Map.of()).path("channels").findValuesAsText("name").stream()
                .noneMatch("folder"::equals);
        if (away) {
            admin.call(
                    "plugin.add",
                    Map.of("source", build("folder", "1.0.0"), "settings", Map.of("path", box.toString())));
        }
        await().atMost(Duration.ofMinutes(10)).untilAsserted(() -> {
            JsonNode status = daemon.call("hub.status", Map.of());
            assertThat(status.path("buffer").path("unrouted").asInt()).isZero();
            assertThat(status.path("outbox").path("pending").asInt()).isZero();
            assertThat(status.path("outbox").path("dead").asInt()).isZero();
        });
        if (away) {
            admin.call("plugin.remove", Map.of("name", "folder"));
        }
    }

    private void everythingArrived() throws IOException {
        assertThat(platform.refused()).isEmpty();
        assertThat(platform.posts().stream().filter(FakePlatform.Post::duplicate))
                .isEmpty();
        Map<String, List<String>> filed = new TreeMap<>();
        try (Stream<Path> files = Files.list(box.resolve("out"))) {
            for (Path file : files.sorted().toList()) {
                filed.computeIfAbsent(file.getFileName().toString().split("-")[0], c -> new ArrayList<>())
                        .add(Files.readString(file));
            }
        }
        for (int c = 0; c < CONVERSATIONS; c++) {
            List<String> sent = new ArrayList<>();
            for (int i = 0; i < accepted.get(c); i++) {
                sent.add("d-" + c + "-" + i);
            }
            assertThat(sent).hasSizeGreaterThan(20);
            String number = Integer.toString(c);
            assertThat(platform.posts().stream()
                            .filter(post -> post.to().equals(number))
                            .map(FakePlatform.Post::text))
                    .containsExactlyElementsOf(sent);
            assertThat(filed.get(number)).containsExactlyElementsOf(sent);
        }
    }

    /** Numbers of the bundles and components that are not the guests', and the plugins' ages. */
    private Map<String, String> neighbours() throws IOException {
        Map<String, String> neighbours = new TreeMap<>();
        for (String command : new String[] {"lb -s -l", "scr:list"}) {
            shell(command)
                    .lines()
                    .filter(line -> !line.contains("example."))
                    .forEach(line -> neighbours.put(command + " " + line.strip(), line));
        }
        for (JsonNode each : admin.call("plugin.list", Map.of()).path("plugins")) {
            if (!each.path("bsn").asText().startsWith("example.")) {
                neighbours.put(each.path("name").asText(), each.toString());
            }
        }
        for (JsonNode each : admin.call("channel.list", Map.of()).path("channels")) {
            if (!each.path("name").asText().equals("folder")) {
                neighbours.put("channel " + each.path("name").asText(), each.toString());
            }
        }
        return neighbours;
    }

    private String shell(String line) throws IOException {
        return admin.call("shell.execute", Map.of("line", line)).path("output").asText();
    }

    /**
     * What the daemon holds.
     *
     * @param heapKB in use after a full collection
     * @param bundles what the framework has of them, installed or not
     * @param loaders class loaders alive
     * @param guests classes of the examples, of any version
     * @param threads names without numbers; not those of pools that grow and shrink with the load
     * @param files open files that are no sockets
     */
    private record Footprint(
            long heapKB, long bundles, long loaders, List<String> guests, List<String> threads, List<String> files) {
        static Footprint of(Daemon daemon) throws Exception {
            daemon.diagnose("GC.run");
            daemon.diagnose("GC.run");
            Matcher used = USED.matcher(daemon.diagnose("GC.heap_info"));
            long heap = 0;
            while (used.find()) {
                heap += Long.parseLong(used.group(1));
            }
            assertThat(heap).isPositive();
            List<String> histogram =
                    daemon.diagnose("GC.class_histogram").lines().toList();
            List<String> guests = histogram.stream()
                    .filter(line -> line.matches(".*\\sexample\\..*"))
                    .toList();
            long bundles = histogram.stream()
                    .filter(line -> line.matches(".*\\sorg\\.apache\\.felix\\.framework\\.BundleImpl(\\s.*)?"))
                    .mapToLong(line -> Long.parseLong(line.strip().split("\\s+")[1]))
                    .sum();
            assertThat(bundles).isPositive();
            long loaders = daemon.diagnose("VM.classloader_stats")
                    .lines()
                    .filter(line -> line.contains("BundleClassLoader"))
                    .count();
            List<String> threads = daemon.threads().stream()
                    .filter(
                            name -> !name.matches(
                                    "(koshi-work|koshi-http|qtp|HttpClient|FelixResolver|C[12] Compiler|process reaper|session-\\d+-th).*"))
                    .map(name -> name.replaceFirst("[-#]?\\d+$", ""))
                    .sorted()
                    .toList();
            // the files of the store come and go with its readers and checkpoints
            List<String> files = daemon.files().stream()
                    .filter(file ->
                            !file.startsWith(daemon.home().resolve("data").toString()))
                    .toList();
            return new Footprint(heap, bundles, loaders, guests, threads, files);
        }
    }
}
