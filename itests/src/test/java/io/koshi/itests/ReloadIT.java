package io.koshi.itests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.koshi.config.Config;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A change of koshi.yaml is followed in place: no process, bundle, component or socket is given up for it. */
class ReloadIT {
    private static final String SECRET = "reload-secret";

    /** Every block of the core, changed. */
    private static final List<String> CHANGES = List.of(
            "name: other",
            "logLevel: debug",
            "identity: { soul: \"You are brief.\" }",
            "models: { spare: { plugin: offline } }",
            "agent: { whenBusy: steer, contextLimit: 9000 }",
            "agents: { maxConcurrent: 7, defaultTimeout: 17 }",
            "default: drop",
            "routes: [ { match: { channel: console }, action: { reply: \"heard {{text}}\" } } ]",
            "buffer: { retentionDays: 3, batchWindowMs: 20, warnDepth: 5 }",
            "outbox: { expireHours: 2, maxAttempts: 4 }",
            "memory: { maxSize: 7MB, reinforceWeight: 5 }",
            "sessions: { maxMessages: 20, policy: shared }",
            "store: { minFreeMB: 1 }",
            "gateway: { maxFrame: 2MB, pingSeconds: 5, replay: 100 }",
            "tasks: { leaseSeconds: 30, maxAttempts: 9 }",
            "repositories: [ \"https://repo.example.com/maven\" ]",
            "cron: [ { name: yearly, schedule: \"@yearly\", task: { title: \"Look back\" } } ]",
            "tools: { approval: ask, approvalSeconds: 7 }",
            "skills: { maxPerTurn: 1 }",
            "skillsPath: ./other-skills",
            "doors: { swarm: { port: 1, key: unused } }",
            "data: ./elsewhere");

    @TempDir
    Path home;

    /** The page says of every key what a change of it does, and what it says is tried here. */
    @Test
    void everyKeyIsInTheDocumentsTableAndIsTried() throws Exception {
        Map<String, String> said = new TreeMap<>();
        Pattern row = Pattern.compile("\\| ((?:`\\w+`(?:, )?)+) \\| (.+) \\|");
        String page = Files.readString(Path.of(System.getProperty("house"), "docs/rooms/config.md"));
        Matcher rows = row.matcher(page.substring(page.indexOf("## What reloads"), page.indexOf("## Unhappy paths")));
        while (rows.find()) {
            for (String key : rows.group(1).replace("`", "").split(", ")) {
                assertThat(said.put(key, rows.group(2))).as(key).isNull();
            }
        }
        List<String> keys = Stream.of(Config.class.getRecordComponents())
                .map(key -> key.getName().replaceFirst("_$", ""))
                .toList();
        assertThat(said.keySet()).containsExactlyInAnyOrderElementsOf(keys);
        Set<String> still = said.keySet().stream()
                .filter(key -> said.get(key).startsWith("holds from the next"))
                .collect(Collectors.toSet());
        assertThat(CHANGES.stream().map(change -> change.substring(0, change.indexOf(':'))))
                .containsAll(still);
    }

    /** What a newcomer copies out of a document is a configuration that the hub takes. */
    @Test
    void everyExampleOfADocumentHolds() throws Exception {
        Path house = Path.of(System.getProperty("house"));
        List<Path> documents = new ArrayList<>(List.of(house.resolve("README.md")));
        try (Stream<Path> files = Files.walk(house.resolve("docs"))) {
            files.filter(file -> file.toString().endsWith(".md")).forEach(documents::add);
        }
        Pattern block = Pattern.compile("(?s)```yaml\\n(.*?)```");
        Pattern filledIn = Pattern.compile("\\$\\{[^}]+}");
        Map<String, String> faults = new TreeMap<>();
        int examples = 0;
        try (Daemon daemon = Daemon.in(home).config(base()).start()) {
            for (Path document : documents) {
                Matcher blocks = block.matcher(Files.readString(document));
                while (blocks.find()) {
                    examples++;
                    String text = filledIn.matcher(blocks.group(1)).replaceAll("filled-in");
                    if (text.lines().noneMatch(line -> line.startsWith("http:"))) {
                        text = "http: { port: 0 }\n" + text; // somebody else may have the usual one
                    }
                    try {
                        daemon.call("hub.check", Map.of("text", text));
                    } catch (FrameSocket.Refused fault) {
                        faults.put(house.relativize(document) + "\n" + text, fault.getMessage());
                    }
                }
            }
        }
        assertThat(examples).isGreaterThan(12);
        assertThat(faults).isEmpty();
    }

    @Test
    @Tag("both")
    void changesEveryBlockWithoutMovingAnything() throws Exception {
        try (Daemon daemon = Daemon.in(home).config(base()).start();
                FrameSocket open = daemon.frames();
                FrameSocket events = daemon.frames();
                Socket http = new Socket(daemon.http().getHost(), daemon.http().getPort())) {
            events.call("gateway.subscribe", Map.of("topics", List.of("config.reloaded")));
            Map<String, String> before = inventory(open);
            AtomicBoolean going = new AtomicBoolean(true);
            AtomicInteger sent = new AtomicInteger();
            ExecutorService traffic = Executors.newSingleThreadExecutor();
            try {
                Future<?> sending = traffic.submit(() -> send(daemon, going, sent));
                for (String change : CHANGES) {
                    String key = change.substring(0, change.indexOf(':'));
                    daemon.config(base() + change + "\n");
                    JsonNode reloaded = reloaded(events);
                    assertThat(reloaded.path("ok").asBoolean()).as(change).isTrue();
                    assertThat(reloaded.path("changed").toString()).as(change).contains(key);
                    assertThat(ask(http, "/health/live")).as(change).isEqualTo(200); // the same connection, never idle
                }
                going.set(false);
                sending.get(120, TimeUnit.SECONDS);
            } finally {
                going.set(false);
                traffic.shutdownNow();
            }
            assertThat(sent).hasPositiveValue();
            assertThat(inventory(open)).isEqualTo(before);
            assertThat(open.call("hub.status", Map.of()).path("pid").asLong()).isEqualTo(daemon.pid());
            assertThat(ask(http, "/health/live")).isEqualTo(200);
        }
    }

    @Test
    void touchesOnlyThePluginWhoseEntryChanged() throws Exception {
        String second = "  - { name: webhook, routes: { in: { secret: one } } }\n";
        try (Daemon daemon = Daemon.in(home).config(base() + second).start();
                FrameSocket open = daemon.frames()) {
            Map<String, String> before = inventory(open);
            daemon.config(base() + second.replace("one", "two"));
            assertThat(open.call("hub.reload", Map.of()).path("changed").toString())
                    .isIn("[\"plugins.webhook\"]", "[]"); // [] where the watch was quicker
            byte[] body = "{}".getBytes(StandardCharsets.UTF_8);
            await().until(() ->
                    daemon.post("/webhook/in", "{}", "X-Signature-256", GithubDeliveries.signature("two", body))
                                    .statusCode()
                            == 200);
            Map<String, String> after = inventory(open);
            before.forEach((component, id) -> {
                if (!component.contains("io.koshi.listener.webhook")) {
                    assertThat(after).as(component).containsEntry(component, id);
                }
            });
        }
    }

    @Test
    void keepsWhatHoldsWhenTheFileTurnsBadAndSaysWhere() throws Exception {
        String comments = "# first line, a person's\n" + base() + "# last line\n";
        try (Daemon daemon = Daemon.in(home).config(comments).start();
                FrameSocket open = daemon.frames();
                FrameSocket events = daemon.frames()) {
            events.call("gateway.subscribe", Map.of("topics", List.of("config.reloaded")));
            Map<String, String> mistakes = new LinkedHashMap<>();
            mistakes.put("nmae: x\n", "koshi.yaml:7:1: /nmae");
            mistakes.put("name: [\n", "no YAML");
            mistakes.put("store: { minFreeMB: many }\n", "koshi.yaml:7:10: /store/minFreeMB");
            mistakes.put("routes: [ { match: {}, action: { launch: it } } ]\n", "no action is called 'launch'");
            mistakes.put("routes: [ { match: { x: { regex: \"[\" } }, action: { drop: true } } ]\n", "/routes/0/match");
            mistakes.put("identity: { soul: \"${KOSHI_NOT_SET}\" }\n", "${KOSHI_NOT_SET} is not set");
            for (Map.Entry<String, String> mistake : mistakes.entrySet()) {
                daemon.config(comments + mistake.getKey());
                assertThatThrownBy(() -> open.call("hub.reload", Map.of()))
                        .hasMessageContaining(mistake.getValue())
                        .hasMessageContaining("koshi.yaml:");
                JsonNode event = reloaded(events);
                assertThat(event.path("ok").asBoolean()).isFalse();
                assertThat(event.path("error").asText()).contains(mistake.getValue());
                KoshiCommand.Outcome check = KoshiCommand.in(home).run("config", "check");
                boolean room = mistake.getKey().startsWith("routes");
                assertThat(check.exit()).as(mistake.getKey() + check.err()).isEqualTo(room ? check.exit() : 1);
                assertThat(open.call("hub.health", Map.of()).path("status").asText())
                        .isEqualTo("degraded");
            }
            daemon.config(comments);
            assertThat(reloaded(events).path("ok").asBoolean()).isTrue();
            // not at once: a plugin's check that is slow on a busy machine is a degraded part
            await().until(() ->
                    open.call("hub.health", Map.of()).path("status").asText().equals("healthy"));
            assertThat(open.call("hub.status", Map.of()).path("pid").asLong()).isEqualTo(daemon.pid());
        }
    }

    @Test
    void survivesTwoHundredHalfWrittenFiles() throws Exception {
        String whole = base() + "name: whole\nroutes: [ { match: { channel: console }, action: { drop: true } } ]\n";
        try (Daemon daemon = Daemon.in(home).config(whole).start();
                FrameSocket open = daemon.frames()) {
            Random random = new Random(28);
            for (int i = 0; i < 200; i++) {
                String part = whole.substring(0, random.nextInt(whole.length()));
                if (i % 2 == 0) {
                    Files.writeString(home.resolve("koshi.yaml"), part);
                } else {
                    Path draft = Files.writeString(home.resolve("draft"), part);
                    Files.move(draft, home.resolve("koshi.yaml"), StandardCopyOption.ATOMIC_MOVE);
                }
                try {
                    open.call("hub.reload", Map.of());
                } catch (FrameSocket.Refused bad) {
                    assertThat(bad.code()).isEqualTo("INVALID_PARAMS");
                    assertThat(bad).hasMessageContaining("koshi.yaml:");
                }
            }
            Files.writeString(home.resolve("koshi.yaml"), whole);
            open.call("hub.reload", Map.of());
            JsonNode status = open.call("hub.status", Map.of());
            assertThat(status.path("name").asText()).isEqualTo("whole");
            assertThat(status.path("pid").asLong()).isEqualTo(daemon.pid());
            assertThat(status.path("config").path("lastGood").asBoolean()).isFalse();
            int port = status.path("http").path("port").asInt();
            try (Socket http = new Socket("127.0.0.1", port)) {
                assertThat(ask(http, "/health/live")).isEqualTo(200);
            }
        }
    }

    @Test
    void staysWhereItIsWhenItIsToMoveToATakenPort() throws Exception {
        try (Daemon daemon = Daemon.in(home).config(base()).start();
                FrameSocket open = daemon.frames();
                java.net.ServerSocket other =
                        new java.net.ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
            daemon.config(base().replace("port: 0", "port: " + other.getLocalPort()));
            assertThatThrownBy(() -> open.call("hub.reload", Map.of()))
                    .hasMessageContaining("koshi.yaml:2:9: /http/port: port " + other.getLocalPort());
            assertThat(daemon.get("/health").statusCode()).isEqualTo(200);
        }
    }

    /** {@code config.reloaded} for the newest change. */
    private static JsonNode reloaded(FrameSocket events) throws IOException {
        return events.event().path("payload");
    }

    /** Bundles and components, each with the number that a new life would change. */
    private static Map<String, String> inventory(FrameSocket open) throws IOException {
        Map<String, String> all = new LinkedHashMap<>();
        String bundles = open.call("shell.execute", Map.of("line", "lb -s"))
                .path("output")
                .asText();
        bundles.lines().filter(line -> line.contains("|")).forEach(line -> {
            String[] cells = line.split("\\|");
            all.put("bundle " + cells[cells.length - 1].strip(), cells[0].strip() + cells[1].strip());
        });
        String components = open.call("shell.execute", Map.of("line", "scr:list"))
                .path("output")
                .asText();
        // io.koshi.store in bundle 32 (io.koshi.store:0.1.0) enabled, 1 instance.
        //     Id: 12, State:ACTIVE
        String name = "";
        for (String line : components.lines().map(String::strip).toList()) {
            if (line.startsWith("Id: ")) {
                all.merge("component " + name, line.substring(4, line.indexOf(',')), (a, b) -> a + " " + b);
            } else if (line.contains(" in bundle ")) {
                name = line.substring(0, line.indexOf(" in bundle "));
            }
        }
        assertThat(all.keySet().stream().filter(key -> key.startsWith("component ")))
                .hasSizeGreaterThan(20);
        assertThat(all.keySet().stream().filter(key -> key.startsWith("bundle ")))
                .hasSizeGreaterThan(20);
        return all;
    }

    private static void send(Daemon daemon, AtomicBoolean going, AtomicInteger sent) {
        try {
            while (going.get()) {
                byte[] body = GithubDeliveries.pullRequest("octo/repo", 1, "edited", sent.get());
                assertThat(daemon.post(
                                        "/webhook/github",
                                        new String(body, StandardCharsets.UTF_8),
                                        "X-GitHub-Event",
                                        "pull_request",
                                        "X-GitHub-Delivery",
                                        "d" + sent.get(),
                                        "X-Hub-Signature-256",
                                        GithubDeliveries.signature(SECRET, body))
                                .statusCode())
                        .isEqualTo(200);
                sent.incrementAndGet();
            }
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The status of an answer, all of which is read, so that the connection can be asked again. */
    private static int ask(Socket http, String path) throws IOException {
        http.setSoTimeout(120_000);
        http.getOutputStream()
                .write(("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
        InputStream in = http.getInputStream();
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            assertThat(next).as("closed after: " + head).isNotNegative();
            head.append((char) next);
        }
        Matcher length = Pattern.compile("(?i)content-length: (\\d+)").matcher(head);
        assertThat(length.find()).as(head.toString()).isTrue();
        in.readNBytes(Integer.parseInt(length.group(1)));
        return Integer.parseInt(head.substring(9, 12));
    }

    private static String base() {
        return """
                # a person's comment
                http: { port: 0 }
                plugins:
                  - { name: github, secret: "%s" } # kept
                """.formatted(SECRET);
    }
}
