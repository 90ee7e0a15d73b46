package io.koshi.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class CliTest {
    @TempDir
    private Path home;

    private final Map<String, String> environment = new HashMap<>(Map.of("PATH", "/usr/bin:/bin"));
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private String input = "";

    private int koshi(String... words) {
        List<String> all = new ArrayList<>(List.of("--home", home.toString()));
        all.addAll(List.of(words));
        return bare(all.toArray(String[]::new));
    }

    private int bare(String... words) {
        out.reset();
        err.reset();
        return Main.run(
                List.of(words),
                environment,
                new ByteArrayInputStream(input.getBytes(UTF_8)),
                new PrintStream(out, true, UTF_8),
                new PrintStream(err, true, UTF_8));
    }

    private String out() {
        return out.toString(UTF_8);
    }

    private String err() {
        return err.toString(UTF_8);
    }

    @Test
    void saysThatTheDaemonIsNotRunningAndWhatToDo() {
        for (String command : List.of("status", "stop", "watch", "reload")) {
            assertThat(koshi(command)).as(command).isEqualTo(3);
            assertThat(err()).contains("not running").contains("koshi start");
        }
        assertThat(koshi("--no-start", "call", "hub.status")).isEqualTo(3);
        assertThat(koshi("status", "--json")).isEqualTo(3);
        assertThat(Json.read(err().strip())).isInstanceOf(Map.class);
        assertThat(err()).startsWith("{\"error\":{\"code\":\"SERVICE_UNAVAILABLE\"");
    }

    @Test
    void usageErrorsAreTwoAndNameTheNearestCommand() {
        assertThat(koshi("statsu")).isEqualTo(2);
        assertThat(err()).contains("did you mean 'koshi status'");
        assertThat(koshi("status", "--loud")).isEqualTo(2);
        assertThat(err()).contains("--loud").contains("koshi status --help");
        assertThat(koshi("trace")).isEqualTo(2);
        assertThat(bare("status", "--home")).isEqualTo(2);
        assertThat(bare()).isEqualTo(2);
        assertThat(koshi("daemon", "dance")).isEqualTo(2);
        assertThat(koshi("call", "x.y", "{\"a\":")).isEqualTo(2);
        assertThat(err()).contains("JSON");
    }

    @Test
    void everyCommandHasHelp() {
        assertThat(bare("help")).isZero();
        assertThat(Help.pages()).hasSizeGreaterThan(20);
        for (Help.Page page : Help.pages()) {
            assertThat(out()).contains("  " + page.name() + " ");
        }
        for (Help.Page page : Help.pages()) {
            assertThat(bare(page.name(), "--help")).isZero();
            assertThat(out()).startsWith("Usage: koshi " + page.name());
            assertThat(page.summary()).endsWith(".");
        }
    }

    @Test
    void jsonPrintsThePayloadVerbatimOnOneLine() throws IOException {
        try (FakeDaemon hub = new FakeDaemon(home)) {
            hub.on(
                    "hub.status",
                    (params, client) ->
                            Json.read("{\"name\":\"koshi\",\"n\":1.5,\"list\":[1,null,\"ä\\n\"],\"x\":{}}"));
            assertThat(koshi("status", "--json")).isZero();
            assertThat(out())
                    .isEqualTo("{\"name\":\"koshi\",\"n\":1.5,\"list\":[1,null,\"ä\\n\"],\"x\":{}}"
                            + System.lineSeparator());
            assertThat(koshi("daemon", "status", "--json")).isZero();
            assertThat(bare("status", "--home", home.toString())).isZero();
        }
    }

    @Test
    void jsonHoldsNoCommandToTheTerminal() throws IOException {
        try (FakeDaemon hub = new FakeDaemon(home)) {
            hub.on("hub.status", (params, client) -> Map.of("name", "\u001b[2J\u009b31m\u007f\u0085ü"));
            assertThat(koshi("status", "--json")).isZero();
            assertThat(out().strip()).isEqualTo("{\"name\":\"\\u001b[2J\\u009b31m\\u007f\\u0085ü\"}");
        }
    }

    @Test
    void aTaskWithoutATitleIsListedByItsWords() throws IOException {
        try (FakeDaemon hub = new FakeDaemon(home)) {
            hub.on("task.list", (params, client) -> Json.read("""
                    {"tasks":[{"number":1,"taskId":"T1","title":"Titled","words":"no matter"},
                              {"number":2,"taskId":"T2","words":"Look at the logs"}]}"""));
            assertThat(koshi("task", "list")).isZero();
            assertThat(out()).contains("Titled").doesNotContain("no matter").contains("Look at the logs");
        }
    }

    @Test
    void statusShowsWhatTheDaemonSaysAndNothingElse() throws IOException {
        try (FakeDaemon hub = new FakeDaemon(home)) {
            hub.on("hub.status", (params, client) -> Json.read("""
                    {"name":"koshi","version":"1.0","state":"ready","pid":7,"uptimeMs":7260000,"home":"/h",
                     "config":{"file":"/h/koshi.yaml","lastGood":true},"http":{"host":"127.0.0.1","port":3000},
                     "channels":[{"name":"telegram","state":"down","detail":"401"}],
                     "buffer":{"unrouted":3,"dead":1,"warn":true},"store":{"bytes":20480,"walBytes":0,"freeDiskBytes":99}}"""));
            assertThat(koshi("status")).isZero();
            assertThat(out())
                    .contains("koshi 1.0 is ready, pid 7, up 2 h 1 min")
                    .contains("last good")
                    .contains("telegram down: 401")
                    .contains("3 unrouted, 1 dead")
                    .contains("warning")
                    .contains("20 KB")
                    .doesNotContain("outbox");
        }
    }

    @Test
    void theHubsErrorsBecomeExitCodes() throws IOException {
        try (FakeDaemon hub = new FakeDaemon(home)) {
            hub.on("a.b", (params, client) -> new FakeDaemon.Error("NOT_FOUND", "There is no such thing."));
            hub.on("c.d", (params, client) -> new FakeDaemon.Error("FORBIDDEN", "You may not."));
            assertThat(koshi("call", "a.b")).isEqualTo(1);
            assertThat(err().strip()).isEqualTo("There is no such thing.");
            assertThat(koshi("call", "c.d", "--json")).isEqualTo(4);
            assertThat(err().strip()).isEqualTo("{\"error\":{\"code\":\"FORBIDDEN\",\"message\":\"You may not.\"}}");
            assertThat(out()).isEmpty();
        }
    }

    @Test
    void whatTheHubStartedMayNotEndIt() throws IOException {
        environment.put("KOSHI_RUN", "R7");
        try (FakeDaemon hub = new FakeDaemon(home)) {
            hub.answer("hub.stop", Map.of("stopping", true));
            hub.answer("hub.status", Map.of("name", "koshi"));
            for (String command : List.of("start", "stop", "restart", "reload")) {
                assertThat(koshi(command)).as(command).isEqualTo(4);
                assertThat(err()).contains("R7");
            }
            assertThat(hub.asked).isEmpty();
            assertThat(koshi("status")).isZero();
            assertThat(hub.asked.get(0).get("run")).isEqualTo("R7");
        }
    }

    @Test
    void whatTheHubStartedMayNotSetItUpNorSeeItsSecrets() throws IOException {
        environment.put("KOSHI_CHILD", "C3"); // where somebody took the other mark out
        try (FakeDaemon hub = new FakeDaemon(home)) {
            for (String command :
                    List.of("add x", "remove x", "config show", "secret get x", "token list", "gogo lb")) {
                assertThat(koshi(command.split(" "))).as(command).isEqualTo(4);
                assertThat(err()).contains("C3", "ask a person");
            }
            assertThat(hub.asked).isEmpty();
        }
    }

    @Test
    void chatShowsTheAnswerToItsOwnMessageOnly() throws IOException {
        try (FakeDaemon hub = new FakeDaemon(home)) {
            hub.answer("gateway.subscribe", Map.of("epoch", "e", "seq", 0L, "replayed", 0L));
            hub.on("channel.receive", (params, client) -> {
                client.later("run.started", Map.of("runId", "other", "messageIds", List.of("m0")), 1);
                client.later("run.delta", Map.of("runId", "other", "index", 0L, "delta", "not for you"), 2);
                client.later("run.started", Map.of("runId", "r1", "messageIds", List.of("m1")), 3);
                client.later("run.delta", Map.of("runId", "r1", "index", 0L, "delta", "Hello "), 4);
                client.later("run.completed", Map.of("runId", "other", "success", true), 5);
                client.later("run.delta", Map.of("runId", "r1", "index", 1L, "delta", "you"), 6);
                client.later("run.completed", Map.of("runId", "r1", "success", true, "response", "Hello you"), 7);
                return Map.of("id", "m1", "entry", 1L, "duplicate", false);
            });
            assertThat(koshi("chat", "hi", "there")).isZero();
            assertThat(out()).isEqualTo("Hello you\n");
            assertThat(new HashMap<Object, Object>(hub.params("channel.receive")))
                    .containsKey("externalId")
                    .containsAllEntriesOf(Map.of("channel", "console", "conversation", "main", "text", "hi there"));
            assertThat(koshi("chat", "--json", "hi")).isZero();
            assertThat(out().lines()).hasSize(4).allMatch(line -> line.startsWith("{\"type\":\"event\""));
        }
    }

    @Test
    void aToolIsListedDescribedAndUsed() throws IOException {
        try (FakeDaemon hub = new FakeDaemon(home)) {
            Map<String, Object> tool = Map.of(
                    "name",
                    "exec",
                    "audience",
                    "worker",
                    "readOnly",
                    false,
                    "description",
                    "Runs a program.",
                    "parameters",
                    Map.of("type", "object"));
            hub.answer("tool.list", Map.of("tools", List.of(tool)));
            hub.answer("tool.describe", tool);
            hub.answer("tool.execute", Map.of("output", "exit code 1", "ok", false));
            assertThat(koshi("tool")).isZero();
            assertThat(out()).contains("exec  worker    false     Runs a program.");
            assertThat(koshi("tool", "show", "exec")).isZero();
            assertThat(out()).isEqualTo("exec, for the worker: Runs a program.\n{\"type\":\"object\"}\n");
            assertThat(koshi("tool", "run", "exec", "{\"argv\":[\"false\"]}")).isEqualTo(1);
            assertThat(err()).isEqualTo("exit code 1\n");
            assertThat(hub.params("tool.execute"))
                    .isEqualTo(Map.of("name", "exec", "args", Map.of("argv", List.of("false"))));
        }
    }

    @Test
    void whatTheHubAsksMeanwhileIsSaidBesideTheAnswer() throws IOException {
        try (FakeDaemon hub = new FakeDaemon(home)) {
            hub.answer("gateway.subscribe", Map.of("epoch", "e", "seq", 0L, "replayed", 0L));
            hub.on("channel.receive", (params, client) -> {
                client.later("run.started", Map.of("runId", "r1", "messageIds", List.of("m1")), 1);
                client.later("console.reply", Map.of("conversation", "main", "text", "May I run it?"), 2);
                client.later("console.reply", Map.of("conversation", "another", "text", "May I too?"), 3);
                client.later("run.completed", Map.of("runId", "r1", "success", true, "response", "Done"), 4);
                return Map.of("id", "m1");
            });
            assertThat(koshi("chat", "hi")).isZero();
            assertThat(out()).isEqualTo("Done\n");
            assertThat(err()).isEqualTo("May I run it?\n");
        }
    }

    @Test
    void chatShowsARulesReplyAndReadsLinesFromItsInput() throws IOException {
        AtomicInteger count = new AtomicInteger();
        try (FakeDaemon hub = new FakeDaemon(home)) {
            hub.answer("gateway.subscribe", Map.of("epoch", "e", "seq", 0L, "replayed", 0L));
            hub.on("channel.receive", (params, client) -> {
                String id = "m" + count.incrementAndGet();
                client.later(
                        "console.reply", Map.of("id", "x", "inReplyTo", id, "text", "re: " + params.get("text")), 1);
                return Map.of("id", id);
            });
            input = "one\n\ntwo\n/exit\nthree\n";
            assertThat(koshi("chat")).isZero();
            assertThat(out()).isEqualTo("re: one\nre: two\n");
        }
    }

    @Test
    void chatFindsTheHubAgainThatWentAwayBetweenTwoLines() throws IOException {
        AtomicInteger count = new AtomicInteger();
        try (FakeDaemon hub = new FakeDaemon(home)) {
            hub.answer("gateway.subscribe", Map.of("epoch", "e", "seq", 0L, "replayed", 0L));
            hub.on("channel.receive", (params, client) -> {
                String id = "m" + count.incrementAndGet();
                if (count.get() != 2) {
                    client.later(
                            "console.reply",
                            Map.of("id", "x", "inReplyTo", id, "text", "re: " + params.get("text")),
                            1);
                }
                client.hangUp(); // after the answer of the first, before that of the second
                return Map.of("id", id);
            });
            input = "one\ntwo\nthree\n";
            assertThat(koshi("chat", "-c", "den")).isZero();
            assertThat(out()).isEqualTo("re: one\nre: three\n");
            assertThat(err()).contains("The hub went away before it answered", "console:den");
        }
    }

    @Test
    void chatFailsWhenTheRunDoesAndWhenNobodyAnswersInTime() throws IOException {
        try (FakeDaemon hub = new FakeDaemon(home)) {
            hub.answer("gateway.subscribe", Map.of("epoch", "e", "seq", 0L, "replayed", 0L));
            hub.on("channel.receive", (params, client) -> {
                client.later("run.started", Map.of("runId", "r", "messageIds", List.of("m")), 1);
                client.later(
                        "run.completed",
                        Map.of("runId", "r", "success", false, "error", Map.of("message", "no model")),
                        2);
                return Map.of("id", "m");
            });
            assertThat(koshi("chat", "hi")).isEqualTo(1);
            assertThat(err()).contains("no model");
            hub.answer("channel.receive", Map.of("id", "m"));
            assertThat(koshi("chat", "--timeout", "1", "hi")).isEqualTo(1);
            assertThat(err()).contains("koshi trace m");
        }
    }

    @Test
    void watchGoesOnWhereItWasWhenTheHubComesBack() throws Exception {
        List<Object> since = new ArrayList<>();
        FakeDaemon first = new FakeDaemon(home);
        first.on("gateway.subscribe", (params, client) -> {
            client.later("run.delta", Map.of("n", 1L), 41);
            client.later("run.delta", Map.of("n", 2L), 42);
            first.close();
            client.hangUp();
            return Map.of("epoch", "e1", "seq", 40L, "replayed", 0L);
        });
        Thread restart = new Thread(() -> {
            try {
                await().until(() -> err().contains("waiting"));
                new FakeDaemon(
                        home,
                        second -> second.on("gateway.subscribe", (params, client) -> {
                            since.add(params.get("since"));
                            client.later("run.delta", Map.of("n", 3L), 43);
                            return Map.of("epoch", "e1", "seq", 43L, "replayed", 1L);
                        }));
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        restart.start();
        assertThat(koshi("watch", "-n", "3", "run.*")).isZero();
        restart.join();
        assertThat(out().lines())
                .extracting(line -> line.substring("14:03:07 ".length()))
                .containsExactly("#41 run.delta n=1", "#42 run.delta n=2", "#43 run.delta n=3");
        assertThat(since).containsExactly(Map.of("epoch", "e1", "seq", 42L));
    }

    @Test
    void watchShowsAnEventOnOneLineWhateverIsInIt() throws IOException {
        try (FakeDaemon hub = new FakeDaemon(home)) {
            hub.on("gateway.subscribe", (params, client) -> {
                Map<String, Object> payload = new java.util.LinkedHashMap<>();
                payload.put("sessionKey", "telegram:42");
                payload.put("delta", "two\nlines");
                payload.put("usage", Map.of("in", 3L));
                payload.put("text", "x".repeat(500));
                client.later("run.delta", payload, 7);
                return Map.of("epoch", "e1", "seq", 6L, "replayed", 0L);
            });
            assertThat(koshi("watch", "-n", "1")).isZero();
            assertThat(out().strip())
                    .contains(" #7 run.delta sessionKey=telegram:42 delta=\"two\\nlines\" usage={\"in\":3} text=\"xxx")
                    .hasSizeLessThan(250)
                    .doesNotContain("\n");
        }
    }

    @Test
    void plansAreRefusedWithFourAndAddNamesTheJarByItsWholePath() throws IOException {
        try (FakeDaemon hub = new FakeDaemon(home)) {
            hub.answer(
                    "plugin.plan",
                    Map.of(
                            "action",
                            "add",
                            "name",
                            "echo",
                            "closure",
                            List.of("a", "b"),
                            "allowed",
                            false,
                            "reason",
                            "b is core",
                            "configDiff",
                            ""));
            hub.answer("plugin.add", Map.of("name", "echo", "durationMs", 40L));
            assertThat(koshi("plan", "add", "echo.jar")).isEqualTo(4);
            assertThat(out()).contains("touches a, b").contains("b is core");
            assertThat(koshi("add", "echo.jar", "--set", "port=7", "--set", "path=/tmp/box"))
                    .isZero();
            assertThat(hub.params("plugin.add"))
                    .isEqualTo(Map.of(
                            "source", Path.of("echo.jar").toAbsolutePath().toString(),
                            "settings", Map.of("port", 7L, "path", "/tmp/box")));
        }
    }

    @Test
    void gogoRunsLinesAndLeavesTheHubAlone() throws IOException {
        try (FakeDaemon hub = new FakeDaemon(home)) {
            hub.on(
                    "shell.execute",
                    (params, client) -> params.get("line").equals("bad")
                            ? Map.of("output", "", "error", "There is no command bad")
                            : Map.of("output", "did " + params.get("line")));
            assertThat(koshi("gogo", "lb", "-s")).isEqualTo(2);
            assertThat(koshi("gogo", "--", "lb", "-s")).isZero();
            assertThat(out()).isEqualTo("did lb -s\n");
            assertThat(koshi("gogo", "bad")).isEqualTo(1);
            input = "lb\nexit\nlb\n";
            assertThat(koshi("gogo")).isZero();
            assertThat(out()).isEqualTo("did lb\n");
            assertThat(hub.asked.stream().map(a -> String.valueOf(a.get("method"))))
                    .containsOnly("shell.execute");
        }
    }

    @Test
    void aHubThatGoesAwayWhileItIsAskedIsNoSuccess() throws IOException {
        try (FakeDaemon hub = new FakeDaemon(home)) {
            hub.on("hub.status", (params, client) -> {
                client.drop();
                return Map.of();
            });
            assertThat(koshi("status")).isEqualTo(1);
            assertThat(err()).contains("went away").contains("koshi logs");
        }
    }

    @Test
    void keepsSecretsWithTheirCommentsForTheirOwnerOnly() throws IOException {
        Path file = home.resolve("secrets.yaml");
        Files.writeString(file, "# mine\ngithub: old # to be changed\nmail:\n  user: me\n");
        input = "n3w \"quoted\" secret\n";
        assertThat(koshi("secret", "set", "github")).isZero();
        assertThat(out()).doesNotContain("n3w");
        input = "pw\n";
        assertThat(koshi("secret", "set", "mail.password")).isZero();
        input = "deep";
        assertThat(koshi("secret", "set", "a.b.c")).isZero();
        assertThat(Files.readString(file))
                .isEqualTo(
                        "# mine\ngithub: \"n3w \\\"quoted\\\" secret\"\nmail:\n  user: me\n  password: \"pw\"\na:\n  b:\n    c: \"deep\"\n");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(koshi("secret", "get", "github")).isZero();
        assertThat(out().strip()).isEqualTo("n3w \"q****");
        assertThat(koshi("secret", "get", "mail.password", "--reveal")).isZero();
        assertThat(out().strip()).isEqualTo("pw");
        assertThat(koshi("secret", "get")).isZero();
        assertThat(out()).contains("mail.password  ****").doesNotContain("pw");
        assertThat(koshi("secret", "unset", "a.b.c")).isZero();
        assertThat(koshi("secret", "unset", "a.b.c")).isEqualTo(1);
        assertThat(koshi("secret", "set", "github", "value")).isEqualTo(2);
        assertThat(err()).doesNotContain("value\"");
    }

    @Test
    void givesWorkOutEndsItAndShowsWhatAModelIsTold() throws IOException {
        try (FakeDaemon hub = new FakeDaemon(home)) {
            hub.on("agent.spawn", (params, client) -> {
                assertThat(params.toString()).isEqualTo("{skill=review, sessionKey=a:b, task=look at it}");
                return Map.of("taskId", "T1", "runId", "R1", "sessionKey", "spawn:T1");
            });
            hub.on(
                    "agent.abort",
                    (params, client) -> Map.of(
                            "runIds",
                            "R1".equals(params.get("runId")) ? List.of("R1") : List.of(),
                            "aborted",
                            "R1".equals(params.get("runId"))));
            hub.on(
                    "agent.prompt",
                    (params, client) -> Map.of(
                            "system", "You are " + params.get("text"), "bytes", 9L, "messages", 1L, "tokens", 5L));
            hub.on("agent.list", (params, client) -> Json.read("""
                    {"runs":[{"runId":"R1","status":"running","sessionKey":"spawn:T1","skill":"review"}]}"""));
            hub.on("usage.summary", (params, client) -> {
                assertThat(params.toString()).isEqualTo("{period=24h, by=skill}");
                return Json.read("""
                        {"runs":2,"usage":{"inputTokens":10,"outputTokens":4},"cost":0.5,
                         "groups":[{"name":"review","runs":2,"usage":{"inputTokens":10}}]}""");
            });
            hub.on("session.delete", (params, client) -> Map.of("deleted", false));
            hub.on("session.send", (params, client) -> Map.of("id", params.get("text") + "!"));

            assertThat(koshi("agent", "spawn", "--skill", "review", "--session", "a:b", "look", "at", "it"))
                    .isZero();
            assertThat(out()).contains("task T1 in run R1");
            assertThat(koshi("agent", "abort", "R1")).isZero();
            assertThat(koshi("agent", "abort", "R2")).isEqualTo(1);
            assertThat(koshi("agent", "prompt", "Koshi")).isZero();
            assertThat(out()).contains("You are Koshi").contains("9 bytes");
            assertThat(koshi("agent")).isZero();
            assertThat(out()).contains("R1").contains("running").contains("review");
            assertThat(koshi("usage", "--period", "24h", "--by-skill")).isZero();
            assertThat(out()).contains("2 runs, 10 tokens in, 4 out, cost 0.5").contains("review");
            assertThat(koshi("session", "delete", "a:b")).isEqualTo(1);
            assertThat(koshi("session", "send", "a:b", "hello", "there")).isZero();
            assertThat(out()).contains("accepted as hello there!");
            assertThat(koshi("agent", "spawn")).isEqualTo(2);
            assertThat(koshi("agent", "dance")).isEqualTo(2);
        }
    }

    @Test
    void aTokenIsAloneOnStandardOutputSoThatItCanBePiped() throws IOException {
        try (FakeDaemon hub = new FakeDaemon(home)) {
            hub.on("token.create", (params, client) -> {
                assertThat(params.toString())
                        .isEqualTo("{name=ci, scopes=[session.read, memory.write], expiresInMs=172800000}");
                return Json.read(
                        "{\"name\":\"ci\",\"scopes\":[\"memory.write\",\"session.read\"],\"token\":\"koshi_1_x\","
                                + "\"expiresAt\":\"2026-06-01T12:00:00Z\"}");
            });
            hub.on("token.revoke", (params, client) -> params);
            hub.on("token.list", (params, client) -> Json.read("""
                    {"tokens":[{"name":"admin","scopes":["*"],"expired":false},
                     {"name":"old","scopes":["*.read"],"createdBy":"socket","expired":true}],"sessions":0}"""));
            hub.on("token.link", (params, client) -> Map.of("path", "/login#abc", "expiresInMs", 600_000L));
            hub.on("hub.status", (params, client) -> Map.of("http", Map.of("host", "127.0.0.1", "port", 3000L)));

            assertThat(koshi("token", "create", "ci", "--scope", "session.read,memory.write", "--days", "2"))
                    .isZero();
            assertThat(out().strip()).isEqualTo("koshi_1_x");
            assertThat(err())
                    .contains("ci may memory.write, session.read until 2026")
                    .contains("never shown again");
            assertThat(koshi("token", "revoke", "ci")).isZero();
            assertThat(koshi("token")).isZero();
            assertThat(out()).contains("admin").contains("old").contains("expired");
            assertThat(koshi("web")).isZero();
            assertThat(out().strip()).isEqualTo("http://127.0.0.1:3000/login#abc");
            assertThat(koshi("token", "create", "ci")).isEqualTo(2);
            assertThat(koshi("token", "create", "ci", "--scope", "*", "--days", "soon"))
                    .isEqualTo(2);
            assertThat(koshi("token", "dance")).isEqualTo(2);
        }
    }

    @Test
    void logsShowsTheEndOfTheFileReadably() throws IOException {
        assertThat(koshi("logs")).isEqualTo(1);
        Files.createDirectories(home.resolve("logs"));
        StringBuilder lines = new StringBuilder();
        for (int i = 1; i <= 60; i++) {
            lines.append(
                    "{\"at\":\"T" + i + "\",\"level\":\"info\",\"logger\":\"x\",\"message\":\"line " + i + "\"}\n");
        }
        Files.writeString(home.resolve("logs/koshi.log"), lines);
        assertThat(koshi("logs", "-n", "2")).isZero();
        assertThat(out()).isEqualTo("T59 info x: line 59\nT60 info x: line 60\n".replace("\n", System.lineSeparator()));
        assertThat(koshi("logs", "--json", "-n", "1")).isZero();
        assertThat(out()).startsWith("{\"at\":\"T60\"");
        assertThat(koshi("logs")).isZero();
        assertThat(out().lines()).hasSize(50);
    }

    @Test
    void doctorSaysWhatIsMissingToStartPrograms() throws IOException {
        environment.put("PATH", home.toString());
        assertThat(koshi("doctor")).isEqualTo(1);
        assertThat(out() + err()).contains("setsid, setpriv, prlimit is missing", "install util-linux");
    }

    @Test
    void doctorClosesWhatIsOpenAndRemovesWhatADeadHubLeft() throws IOException {
        Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.writeString(home.resolve("koshi.pid"), "999999999\n" + home.resolve("koshi.sock") + "\n");
        assertThat(koshi("doctor")).isEqualTo(1);
        assertThat(out()).contains("open to others").contains("hub that died");
        koshi("doctor", "--fix");
        assertThat(out()).contains("closed now").contains("are removed");
        assertThat(home.resolve("koshi.pid")).doesNotExist();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(home)))
                .isEqualTo("rwx------");
    }

    /** As long as a hub's, whose class path alone is more than the 4,096 bytes that Java gives of a command line. */
    private Process hubThatDoesNotListenYet() throws IOException {
        Process hub = new ProcessBuilder("sh", "-c", "read line", "x".repeat(5000), "io.koshi.launcher.Main").start();
        Files.writeString(home.resolve("koshi.pid"), hub.pid() + "\n" + home.resolve("koshi.sock") + "\n");
        return hub;
    }

    @Test
    void stopEndsAHubThatDoesNotListenYet() throws Exception {
        Process hub = hubThatDoesNotListenYet();
        try {
            assertThat(koshi("stop")).isZero();
            assertThat(out()).contains("has stopped");
            assertThat(hub.isAlive()).isFalse();
        } finally {
            hub.destroyForcibly();
        }
    }

    @Test
    void stopSparesAStrangerThatHasTheNumberOfAHubThatDied() throws Exception {
        Process stranger = new ProcessBuilder("sh", "-c", "read line").start();
        try {
            Files.writeString(home.resolve("koshi.pid"), stranger.pid() + "\n" + home.resolve("koshi.sock") + "\n");
            assertThat(koshi("stop")).isEqualTo(3);
            assertThat(stranger.isAlive()).isTrue();
        } finally {
            stranger.destroyForcibly();
        }
    }

    @Test
    void doctorLeavesTheFilesOfAHubThatDoesNotListenYet() throws Exception {
        Process hub = hubThatDoesNotListenYet();
        try {
            assertThat(koshi("doctor", "--fix")).isEqualTo(1);
            assertThat(out()).contains("does not listen on its socket");
            assertThat(home.resolve("koshi.pid")).exists();
        } finally {
            hub.destroyForcibly();
        }
    }

    @Test
    void doctorRepeatsWhyTheLastStartFailed() throws IOException {
        Path words = Files.createDirectories(home.resolve("logs")).resolve("start-error");
        Files.writeString(words, "Picked up JAVA_TOOL_OPTIONS: -Dx=y\n\n");
        koshi("doctor");
        assertThat(out()).doesNotContain("Picked up");
        Files.writeString(words, "the database is damaged and was left as it is\n");
        assertThat(koshi("doctor")).isEqualTo(1);
        assertThat(out()).contains("the last one said: the database is damaged");
    }

    @Test
    void saysWhatIsWrongWithWhatAPersonNames() throws IOException {
        Path file = Files.writeString(home.resolve("file"), "no home");
        assertThat(bare("logs", "--home", file.toString())).isEqualTo(1);
        assertThat(err()).contains("There is no log at");
        assertThat(koshi("skill", "add", home.toString())).isEqualTo(2);
        assertThat(err()).contains("is a directory");
        assertThat(koshi("memories", "import", home.toString())).isEqualTo(2);
        assertThat(err()).contains("is a directory");
        Path latin = Files.write(home.resolve("latin.md"), new byte[] {'a', (byte) 0xE4, '\n'});
        assertThat(koshi("skill", "add", latin.toString())).isEqualTo(1);
        assertThat(err()).contains("UTF-8").doesNotContain("hub");
        assertThat(koshi("chat", "--timeout", "0", "hi")).isEqualTo(2);
        assertThat(koshi("logs", "-n", "-1")).isEqualTo(2);
        assertThat(bare("--loud", "status")).isEqualTo(2);
        assertThat(err()).contains("no option --loud");
    }

    @Test
    void doctorSaysThatAHomeCannotBeMade() throws IOException {
        Path file = Files.writeString(home.resolve("file"), "kept");
        assertThat(bare("doctor", "--home", file.resolve("below").toString())).isEqualTo(1);
        assertThat(out()).contains("cannot be made in " + file, "--home DIR");
    }

    @Test
    void saysWhichFileItCannotUse() throws IOException {
        assertThat(koshi("memories", "export", "-o", home.resolve("no/where").toString()))
                .isEqualTo(1);
        assertThat(err()).contains(home.resolve("no") + "/", "there is no such").doesNotContain("hub");
    }

    @Test
    void completionKnowsEveryCommand() {
        for (String shell : List.of("bash", "zsh", "fish")) {
            assertThat(koshi("completion", shell)).isZero();
            for (Help.Page page : Help.pages()) {
                assertThat(out()).contains(page.name());
            }
            assertThat(out()).containsPattern("help.*status.*completion").containsPattern("daemon.*restart.*logs");
        }
        assertThat(koshi("completion", "csh")).isEqualTo(2);
    }

    @Test
    void startsADaemonThatIsNeededAndShowsItsOwnWordsWhenItDies() throws IOException {
        Path dist = Files.createDirectories(home.resolve("dist"));
        Path script = Files.createDirectories(dist.resolve("bin")).resolve("koshi-daemon");
        Files.writeString(script, "#!/bin/sh\necho \"Koshi refuses: port 3000 is taken. ($*)\" >&2\nexit 4\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
        environment.put("KOSHI_DIST", dist.toString());
        assertThat(koshi("start", "--small")).isEqualTo(4);
        assertThat(err())
                .contains("port 3000 is taken")
                .contains("--home " + home)
                .contains("--small");
        assertThat(koshi("task", "list")).isEqualTo(4);
        assertThat(err()).contains("starting it").contains("port 3000 is taken");
        environment.remove("KOSHI_DIST");
        assertThat(koshi("start")).isEqualTo(1);
        assertThat(err()).contains("KOSHI_DIST");
    }

    @Test
    void saysThatADaemonWasEndedBeforeItWasReady() throws Exception {
        Path dist = Files.createDirectories(home.resolve("dist"));
        Path script = Files.createDirectories(dist.resolve("bin")).resolve("koshi-daemon");
        environment.put("KOSHI_DIST", dist.toString());
        Files.writeString(script, "#!/bin/sh\nexit 0\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
        assertThat(koshi("start")).isEqualTo(1);
        assertThat(err()).contains("was stopped before it was ready");
        Files.writeString(script, "#!/bin/sh\nkill -KILL $$\n");
        assertThat(koshi("start")).isEqualTo(1);
        assertThat(err()).contains("ended by signal 9");
    }

    @Test
    void namesTheRoomThatKeepsAHubFromGettingReady() throws Exception {
        Path dist = Files.createDirectories(home.resolve("dist"));
        Path script = Files.createDirectories(dist.resolve("bin")).resolve("koshi-daemon");
        Path begun = home.resolve("begun");
        Files.writeString(script, "#!/bin/sh\ntouch '" + begun + "'\nexec sleep 600\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
        environment.put("KOSHI_DIST", dist.toString());
        CompletableFuture<FakeDaemon> coming = CompletableFuture.supplyAsync(() -> {
            await().until(() -> Files.exists(begun));
            try {
                return new FakeDaemon(home).on("hub.health", (params, client) -> Json.read("""
                                {"status":"unhealthy","ready":false,"waiting":["plugin"],"parts":[{"name":"rooms",
                                 "status":"unhealthy","message":"io.koshi.plugin could not start: deploy is in the way"}]}"""));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        try {
            assertThat(koshi("start")).isEqualTo(1);
            assertThat(err()).contains("does not get ready: io.koshi.plugin could not start: deploy is in the way");
        } finally {
            coming.join().close();
            ProcessHandle.current()
                    .descendants()
                    .filter(process -> process.info()
                            .arguments()
                            .map(List::of)
                            .orElse(List.of())
                            .contains("600"))
                    .forEach(ProcessHandle::destroyForcibly);
        }
    }

    @Test
    void aSecondStartIsRefused() throws IOException {
        try (FakeDaemon hub = new FakeDaemon(home)) {
            assertThat(koshi("start")).isEqualTo(4);
            assertThat(err()).contains("runs already");
            assertThat(hub.asked).isEmpty();
        }
    }
}
