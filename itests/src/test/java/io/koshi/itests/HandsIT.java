package io.koshi.itests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Models and tools of the garden in the real hub: they come by name, do their work, and leave nothing behind. */
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HandsIT {
    @TempDir
    static Path folder;

    private Path home;
    private HttpServer chat;
    private String yaml;
    private Daemon daemon;

    @BeforeAll
    void start() throws Exception {
        home = folder.resolve("home");
        chat = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        chat.createContext("/v1/chat/completions", exchange -> {
            exchange.getRequestBody().readAllBytes();
            exchange.getResponseHeaders().set("content-type", "text/event-stream");
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody()
                    .write(("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"by chat \"}}]}\n\n"
                                    + "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"completions\"}}]}\n\n"
                                    + "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
                                    + "data: [DONE]\n\n")
                            .getBytes(StandardCharsets.UTF_8));
            exchange.close();
        });
        chat.start();
        Path thinker = program(folder.resolve("thinker"), "cat > /dev/null\necho by a program");
        yaml = """
                http: { port: 0 }
                models:
                  main: { plugin: command, command: ["%s"] }
                  local: { plugin: openai, model: test, endpoint: "http://127.0.0.1:%d/v1" }
                agent: { model: main }
                buffer: { batchWindowMs: 20 }
                tools: { approval: auto, exec: { sandbox: SANDBOX, deny: [ls] } }
                plugins:
                  - { name: files }
                  - { name: exec }
                """.formatted(thinker, chat.getAddress().getPort());
        daemon = Daemon.in(home).config(yaml.replace("SANDBOX", "auto")).start();
    }

    @AfterAll
    void stop() throws Exception {
        daemon.close();
        chat.stop(0);
    }

    @Test
    void thinksWithAProgramAndWithChatCompletions() throws Exception {
        Cli.Result said = Cli.run(home, "chat", "hello");
        assertThat(said.exit()).as(said.err()).isZero();
        assertThat(said.out()).contains("by a program");

        try (EventLog events = EventLog.of(daemon, "run.completed")) {
            daemon.call("agent.run", Map.of("sessionKey", "console:other", "task", "hello", "model", "local"));
            events.await("run.completed", run -> run.path("response").asText().equals("by chat completions"));
        }
    }

    @Test
    void toolsComeByTheirNamesAndWorkTogether() throws Exception {
        for (String plugin : List.of("web", "github-tools")) {
            add(plugin);
        }
        List<String> names = daemon.call("tool.list", Map.of()).path("tools").findValuesAsText("name");
        assertThat(names)
                .contains("read_file", "write_file", "edit_file", "list_files", "search_files", "exec", "web_fetch")
                .contains("github_issue", "github_diff", "github_list", "github_comment");

        assertThat(run("write_file", Map.of("path", "a.txt", "content", "b\na\n")))
                .contains("Wrote a.txt");
        assertThat(run("exec", Map.of("argv", List.of("sort", "a.txt")))).contains("exit code 0", "a\nb");
        assertThat(run("read_file", Map.of("path", "../koshi.yaml"))).contains("outside the workspace");
        assertThat(run("exec", Map.of("argv", List.of("bash", "-c", "id"))))
                .contains("shell execution is disabled by safety policy");
        assertThat(run("exec", Map.of("argv", List.of("ls")))).contains("deny list of tools.exec");
        assertThat(run("web_fetch", Map.of("url", daemon.http() + "/health"))).contains("not on the public internet");
    }

    /** Also where a program takes the hub's mark out of its environment, and no wall is around it. */
    @Test
    void whatItRunsCannotEndIt() throws Exception {
        sandbox("none");
        String koshi = Path.of(System.getProperty("koshi.dist"), "bin", "koshi")
                .toAbsolutePath()
                .normalize()
                .toString();
        program(workspace().resolve("end-it"), """
                %1$s stop --home %2$s; echo "with the mark: $?"
                env -u KOSHI_RUN -u KOSHI_CHILD %1$s stop --home %2$s; echo "without: $?"
                %1$s status --home %2$s > /dev/null; echo "status: $?"
                """.formatted(koshi, home));

        String output = run("exec", Map.of("argv", List.of("./end-it")));

        assertThat(output).contains("with the mark: 4", "without: 4", "status: 0", "started by the hub itself");
        assertThat(daemon.get("/health").statusCode()).isEqualTo(200);
    }

    /** Behind a wall not even where a program forgets the hub's mark and goes its own way. */
    @ParameterizedTest
    @CsvSource({"none, ''", "auto, env -i"})
    void nothingOfAProgramOutlivesAKill(String sandbox, String forgetting) throws Exception {
        sandbox(sandbox);
        String seconds = "64" + System.nanoTime() % 100_000;
        program(workspace().resolve("fork-twice"), """
                (%1$s setsid bash -c 'trap "" TERM HUP INT; (sleep %2$s; true) & wait; wait' &)
                trap '' TERM HUP
                sleep %2$s
                """.formatted(forgetting, seconds));
        Thread asking = new Thread(() -> {
            try {
                run("exec", Map.of("argv", List.of("./fork-twice")));
            } catch (IOException | RuntimeException | AssertionError killed) {
                Thread.currentThread().interrupt();
            }
        });
        asking.start();
        await().until(() -> sleeping(seconds) == 2);

        daemon.kill();

        await().until(() -> sleeping(seconds) == 0);
        asking.join();
        daemon.restart();
    }

    private void sandbox(String kind) throws Exception {
        daemon.config(yaml.replace("SANDBOX", kind));
        Cli.Result reloaded = Cli.run(home, "reload");
        assertThat(reloaded.exit()).as(reloaded.err()).isZero();
        await().until(() -> run("exec", Map.of("argv", List.of("true"))).startsWith("exit code 0"));
    }

    /** How many processes sleep for this number of seconds, in whatever namespace. */
    private static long sleeping(String seconds) throws IOException {
        try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
            return processes
                    .map(process -> line(process.resolve("cmdline")))
                    .filter(line -> line.endsWith("sleep " + seconds))
                    .count();
        }
    }

    private static String line(Path cmdline) {
        try {
            return Files.readString(cmdline).replace('\0', ' ').strip();
        } catch (IOException gone) {
            return "";
        }
    }

    private void add(String plugin) throws Exception {
        Cli.Result added = Cli.run(home, "add", plugin);
        assertThat(added.exit()).as(added.err()).isZero();
        await().until(() -> daemon.call("plugin.list", Map.of())
                .path("plugins")
                .findValuesAsText("name")
                .contains(plugin));
    }

    private Path workspace() throws IOException {
        String output = run("exec", Map.of("argv", List.of("pwd")));
        return Path.of(output.substring(output.lastIndexOf('\n') + 1).strip());
    }

    private String run(String tool, Map<String, ?> arguments) throws IOException {
        try {
            JsonNode result = daemon.call("tool.execute", Map.of("name", tool, "args", arguments));
            return result.path("output").asText();
        } catch (FrameSocket.Refused refused) {
            return refused.getMessage();
        }
    }

    private static Path program(Path file, String text) throws IOException {
        Files.writeString(file, "#!/bin/bash\n" + text + "\n");
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
