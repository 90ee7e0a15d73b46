package io.koshi.itests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What an agent does to the world: by a skill, with tools of a server that is a child, and with a person's leave. */
@Timeout(300)
class ToolStoryIT {
    /** A server with one tool that looks and one that acts, and with offspring that would outlive it. */
    private static final String SERVER = """
            sleep 1000 &
            setsid sleep 1000 &
            echo "$$" >> "$1"; echo "$!" >> "$1"
            while read -r line; do
              id=$(printf '%s' "$line" | sed -n 's/.*"id":\\([0-9]*\\).*/\\1/p')
              case $line in
                *'"initialize"'*) say='{"protocolVersion":"2025-06-18","capabilities":{}}' ;;
                *'"tools/list"'*) say='{"tools":[
                  {"name":"look","inputSchema":{"type":"object"},"annotations":{"readOnlyHint":true}},
                  {"name":"shout","inputSchema":{"type":"object"}}]}' ;;
                *'"tools/call"'*) echo called >> "$1.calls"; say='{"content":[{"type":"text","text":"heard"}]}' ;;
                *) continue ;;
              esac
              printf '{"jsonrpc":"2.0","id":%s,"result":%s}' "$id" "$say" | tr -d '\\n'
              echo
            done
            """;

    @TempDir
    Path home;

    private FakeModel model;
    private Path pids;

    @BeforeEach
    void open() throws IOException {
        model = new FakeModel();
        pids = home.resolve("pids");
        Files.createDirectories(home);
        Files.writeString(home.resolve("server.sh"), SERVER);
    }

    @AfterEach
    void close() throws IOException {
        model.close();
        for (ProcessHandle left : running()) {
            left.destroyForcibly();
        }
    }

    private Daemon daemon(String more) throws IOException {
        return Daemon.in(home).config("""
                http: { port: 0 }
                models: { main: { plugin: anthropic, endpoint: "%s", apiKey: k } }
                agent: { model: main }
                buffer: { batchWindowMs: 20 }
                mcp:
                  servers:
                    stub: { command: [sh, "%s", "%s"] }
                %s
                """.formatted(model.endpoint(), home.resolve("server.sh"), pids, more));
    }

    private List<ProcessHandle> running() throws IOException {
        List<ProcessHandle> running = new ArrayList<>();
        for (String pid : Files.exists(pids) ? Files.readAllLines(pids) : List.<String>of()) {
            ProcessHandle.of(Long.parseLong(pid)).filter(ToolStoryIT::lives).ifPresent(running::add);
        }
        return running;
    }

    /** Where nobody waits for an orphan it stays in the table, dead. */
    private static boolean lives(ProcessHandle process) {
        try {
            return !Files.readString(Path.of("/proc/" + process.pid() + "/stat"))
                    .contains(") Z ");
        } catch (IOException e) {
            return false;
        }
    }

    private static List<String> tools(Daemon daemon) throws IOException {
        List<String> names = new ArrayList<>();
        daemon.call("tool.list", Map.of())
                .path("tools")
                .forEach(tool -> names.add(tool.path("name").asText()));
        return names;
    }

    private long calls() throws IOException {
        Path calls = home.resolve("pids.calls");
        return Files.exists(calls) ? Files.readAllLines(calls).size() : 0;
    }

    @Test
    void aSpecialistsActWaitsForAPersonAndIsApprovedWhereTheyTalk() throws Exception {
        try (Daemon daemon = daemon("").start();
                EventLog events = EventLog.of(daemon, "approval.*", "run.completed", "message.sent")) {
            await().until(() -> tools(daemon).contains("stub_shout"));
            daemon.call(
                    "skill.create",
                    Map.of(
                            "name",
                            "crier",
                            "description",
                            "Cries things out.",
                            "text",
                            "Shout it.",
                            "tools",
                            List.of("stub_shout")));
            Cli.Result hello = Cli.run(home, "chat", "hello");
            assertThat(hello.exit()).as(hello.err()).isZero();

            model.then(FakeModel.callsTool("stub_shout", "{}"), FakeModel.says("It is shouted."));
            daemon.call("agent.spawn", Map.of("task", "Shout it", "skill", "crier", "sessionKey", "console:main"));
            JsonNode asked = events.await("approval.requested", one -> true);
            assertThat(asked.path("tool").asText()).isEqualTo("stub_shout");
            assertThat(calls()).isZero();
            String id = asked.path("id").asText();

            daemon.call("channel.receive", Map.of("text", "/approve " + id.substring(id.length() - 6)));
            assertThat(events.await("approval.decided", one -> true)
                            .path("decision")
                            .asText())
                    .isEqualTo("allow");
            await().until(() -> calls() == 1);
            events.await("run.completed", run -> run.path("response").asText().equals("It is shouted."));
            // and told to the session that gave it out, by a run that asks the model too
            events.await(
                    "run.completed",
                    run -> run.path("sessionKey").asText().equals("console:main")
                            && run.path("response").asText().contains("It is shouted."));

            model.then(FakeModel.callsTool("stub_shout", "{}"), FakeModel.says("I was not allowed to."));
            daemon.call("agent.spawn", Map.of("task", "Shout again", "skill", "crier", "sessionKey", "console:main"));
            String second = events.await(
                            "approval.requested",
                            one -> !one.path("id").asText().equals(id))
                    .path("id")
                    .asText();
            assertThat(Cli.run(home, "deny", second).exit()).isZero();
            events.await("run.completed", run -> run.path("response").asText().contains("not allowed"));
            assertThat(calls()).isEqualTo(1);
        }
    }

    @Test
    void whatWasAskedBeforeAKillIsApprovedAfterItAndDoneOnce() throws Exception {
        try (Daemon daemon =
                daemon("tools: { approval: ask, approvalSeconds: 600 }").start()) {
            await().until(() -> tools(daemon).contains("stub_shout"));
            daemon.call(
                    "skill.create",
                    Map.of("name", "crier", "description", "Cries.", "text", "Shout.", "tools", List.of("stub_shout")));
            Cli.Result hello = Cli.run(home, "chat", "hello");
            assertThat(hello.exit()).as(hello.err()).isZero();

            model.then(FakeModel.callsTool("stub_shout", "{}"));
            daemon.call("agent.spawn", Map.of("task", "Shout it", "skill", "crier", "sessionKey", "console:main"));
            await().until(() -> open(daemon).size() == 1);
            String id = open(daemon).get(0);

            // the run that begins again asks its model anew, which says the same once the person has decided
            CountDownLatch approved = new CountDownLatch(1);
            FakeModel.Answer same = FakeModel.callsTool("stub_shout", "{}");
            model.then(
                    (request, exchange) -> {
                        approved.await();
                        same.give(request, exchange);
                    },
                    FakeModel.says("It is shouted."));
            daemon.kill();
            assertThat(calls()).isZero();
            daemon.restart();
            await().until(() -> open(daemon).equals(List.of(id)));

            Cli.Result leave = Cli.run(home, "approve", id);
            assertThat(leave.exit()).as(leave.err()).isZero();
            Cli.Result again = Cli.run(home, "approve", id);
            assertThat(again.exit()).as("it is decided once").isNotZero();
            approved.countDown();
            await().until(() -> said(daemon).contains("It is shouted."));
            assertThat(calls()).isEqualTo(1);
            assertThat(open(daemon)).isEmpty();

            // and over another kill while it waits, denied: nothing is done, and whoever gave it out is told why
            model.then(FakeModel.callsTool("stub_shout", "{}"));
            daemon.call("agent.spawn", Map.of("task", "Shout again", "skill", "crier", "sessionKey", "console:main"));
            await().until(() -> open(daemon).size() == 1);
            model.then(FakeModel.callsTool("stub_shout", "{}"), FakeModel.says("I may not shout."));
            daemon.kill();
            daemon.restart();
            await().until(() -> open(daemon).size() == 1);
            assertThat(Cli.run(home, "deny", open(daemon).get(0)).exit()).isZero();
            await().until(() -> said(daemon).contains("I may not shout."));
            assertThat(calls()).isEqualTo(1);
        }
    }

    private static List<String> open(Daemon daemon) throws IOException {
        List<String> ids = new ArrayList<>();
        daemon.call("approval.list", Map.of())
                .path("approvals")
                .forEach(one -> ids.add(one.path("id").asText()));
        return ids;
    }

    private static String said(Daemon daemon) throws IOException {
        return daemon.call("session.history", Map.of("sessionKey", "console:main"))
                .path("messages")
                .toString();
    }

    @Test
    void serversAreChildrenThatAReloadLeavesAloneAndAKilledHubTakesWithIt() throws Exception {
        try (Daemon daemon = daemon("").start()) {
            await().until(() -> tools(daemon).contains("stub_look"));
            JsonNode looked = daemon.call("tool.execute", Map.of("name", "stub_look"));
            assertThat(looked.path("output").asText()).isEqualTo("heard");
            assertThat(looked.path("trust").asText()).isEqualTo("low");
            await().untilAsserted(() -> assertThat(running()).hasSize(2));
            List<ProcessHandle> before = running();

            daemon("    other: { command: [sh, \"" + home.resolve("server.sh") + "\", \"" + home.resolve("others")
                    + "\"] }");
            await().until(() -> tools(daemon).contains("other_look"));
            assertThat(running()).isEqualTo(before);

            daemon.kill();
            await().until(() -> running().isEmpty());

            long started = Files.readAllLines(pids).size();
            daemon.restart();
            await().until(() -> tools(daemon).contains("stub_look"));
            assertThat(Files.readAllLines(pids))
                    .as("a known server is not started")
                    .hasSize((int) started);
            Files.writeString(pids, String.join("\n", Files.readAllLines(home.resolve("others"))) + "\n");
        }
        await().until(() -> running().isEmpty());
    }

    @Test
    void skillsAreThereFromTheStartAndReadAgainWhenTheyChange() throws Exception {
        try (Daemon daemon = Daemon.in(home).config("http: { port: 0 }\n").start()) {
            await().until(() -> skills(daemon).contains("morning-briefing"));
            Path file = home.resolve("skills/research.md");
            Files.writeString(file, Files.readString(file).replace("Answers a question", "Answers any question"));
            assertThat(skills(daemon)).contains("Answers any question");
            Files.writeString(file, "broken");
            assertThat(Cli.run(home, "skill").out())
                    .contains("skills/research.md is broken, its last good text serves");
            await().untilAsserted(() -> assertThat(daemon.get("/health").body()).contains("skills/research.md"));
            daemon.call("skill.delete", Map.of("name", "research"));
            daemon.stop();
            daemon.restart();
            assertThat(skills(daemon)).contains("code-review").doesNotContain("research");
        }
    }

    private static String skills(Daemon daemon) throws IOException {
        return daemon.call("skill.list", Map.of()).path("skills").toString();
    }
}
