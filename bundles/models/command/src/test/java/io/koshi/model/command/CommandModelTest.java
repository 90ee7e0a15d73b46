package io.koshi.model.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.koshi.api.ErrorCode;
import io.koshi.api.Health.Status;
import io.koshi.api.KoshiException;
import io.koshi.api.Trust;
import io.koshi.model.ModelAnswer;
import io.koshi.model.ModelMessage;
import io.koshi.model.ModelRequest;
import io.koshi.model.Usage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against small scripts that print what the real programs were seen to print. */
@Timeout(300)
class CommandModelTest {
    private static final String RESULT = """
            {"type":"result","subtype":"success","is_error":false,"result":"Hello there","session_id":"s-1",\
            "usage":{"input_tokens":51,"output_tokens":55,"cache_read_input_tokens":14,"cache_creation_input_tokens":12}}""";

    @TempDir
    Path folder;

    private Room room;
    private final List<String> deltas = new ArrayList<>();
    private final Map<String, Object> settings = new HashMap<>();

    @BeforeEach
    void open() {
        room = new Room(folder);
    }

    @AfterEach
    void close() {
        room.close();
    }

    @Test
    void runsClaudeAsTheOlderSystemDid() throws Exception {
        String claude = program("claude", """
                echo "$@" > %1$s/argv
                cat > %1$s/prompt
                printf '%%s' '%2$s'
                """.formatted(folder, RESULT));
        settings.put("command", new String[] {
            claude,
            "--model",
            "{model}",
            "--print",
            "--output-format",
            "json",
            "--resume",
            "{session}",
            "--allowedTools",
            "{tools}"
        });
        settings.put("output", "json");
        settings.put("model", "opus");
        settings.put("allowedTools", new String[] {"Read", "Grep"});

        ModelAnswer answer = model().stream(ask("hi"), deltas::add);

        assertThat(answer.text()).isEqualTo("Hello there");
        assertThat(deltas).containsExactly("Hello there");
        assertThat(answer.usage()).isEqualTo(new Usage(51, 55, 14, 12));
        assertThat(read("argv")).isEqualTo("--model opus --print --output-format json --allowedTools Read,Grep\n");
        assertThat(read("prompt")).isEqualTo("<instructions>\nbe brief\n</instructions>\n\nhi");

        model().stream(ask("hi", "Hello there", "and now?"), deltas::add);

        assertThat(read("argv"))
                .isEqualTo("--model opus --print --output-format json --resume s-1 --allowedTools Read,Grep\n");
        assertThat(read("prompt")).endsWith("</instructions>\n\nand now?").doesNotContain("hi");
    }

    @Test
    void hearsClaudesStreamPieceByPiece() throws Exception {
        program("claude", """
                cat > /dev/null
                echo '{"type":"system","subtype":"init","session_id":"s-2","model":"claude-x","tools":["Read"]}'
                echo '{"type":"stream_event","session_id":"s-2","event":{"type":"message_start","message":{}}}'
                echo '{"type":"stream_event","event":{"type":"content_block_delta","delta":{"type":"text_delta","text":"Let me "}}}'
                echo '{"type":"stream_event","event":{"type":"content_block_delta","delta":{"type":"text_delta","text":"look."}}}'
                echo '{"type":"assistant","message":{"content":[{"type":"text","text":"Let me look."}]}}'
                echo '{"type":"user","message":{"content":[{"type":"tool_result","content":"secret text"}]}}'
                echo '{"type":"stream_event","parent_tool_use_id":"t1","event":{"type":"content_block_delta","delta":{"type":"text_delta","text":"of another"}}}'
                echo '{"type":"stream_event","event":{"type":"message_start","message":{}}}'
                echo '{"type":"stream_event","event":{"type":"content_block_delta","delta":{"type":"thinking_delta","thinking":"hm"}}}'
                echo '{"type":"stream_event","event":{"type":"content_block_delta","delta":{"type":"text_delta","text":"Grüße"}}}'
                echo '%s'
                """.formatted(RESULT.replace("Hello there", "Grüße")));
        preset("claude");

        ModelAnswer answer = model().stream(ask("hi"), deltas::add);

        assertThat(deltas).containsExactly("Let me ", "look.", "\n\nGrüße");
        assertThat(answer.text()).isEqualTo("Let me look.\n\nGrüße");
        assertThat(answer.model()).isEqualTo("claude-x");
        assertThat(answer.usage().outputTokens()).isEqualTo(55);
    }

    @Test
    void hearsCodexAndGoesOnWhereItLeftOff() throws Exception {
        program("codex", """
                echo "$@" >> %1$s/argv
                cat >> %1$s/prompt
                echo '{"type":"thread.started","thread_id":"t-7"}'
                echo '{"type":"turn.started"}'
                echo '{"type":"item.completed","item":{"id":"i0","type":"reasoning","text":"**hm**"}}'
                echo '{"type":"item.completed","item":{"id":"i1","type":"command_execution","aggregated_output":"x"}}'
                echo 'warning: something'
                echo '{"type":"item.completed","item":{"id":"i2","type":"agent_message","text":"done"}}'
                echo '{"type":"turn.completed","usage":{"input_tokens":40,"cached_input_tokens":30,"output_tokens":5}}'
                """.formatted(folder));
        preset("codex");

        ModelAnswer answer = model().stream(ask("do it"), deltas::add);
        model().stream(ask("do it", "done", "again"), deltas::add); // another object: what it knows is on disk

        assertThat(answer.text()).isEqualTo("done");
        assertThat(answer.usage()).isEqualTo(new Usage(10, 5, 30, 0));
        assertThat(read("argv"))
                .isEqualTo("exec --json --skip-git-repo-check -\nexec --json --skip-git-repo-check resume t-7 -\n");
    }

    @Test
    void tellsEverythingAgainWhenTheConversationIsNoLongerTheOneItKnows() throws Exception {
        program("codex", """
                echo "$@" > %1$s/argv
                cat > %1$s/prompt
                echo '{"type":"thread.started","thread_id":"t-7"}'
                echo '{"type":"item.completed","item":{"type":"agent_message","text":"done"}}'
                """.formatted(folder));
        preset("codex");
        model().stream(ask("do it"), deltas::add);

        model().stream(ask("after a clear"), deltas::add);
        assertThat(read("argv")).doesNotContain("resume");

        model().stream(ask("do it", "said by another model", "go on"), deltas::add);
        assertThat(read("argv")).doesNotContain("resume");
        assertThat(read("prompt"))
                .contains("<user>\ndo it\n</user>", "<assistant>\nsaid by another model\n</assistant>")
                .endsWith("</conversation>\n\ngo on");
    }

    @Test
    void beginsAnewWhenTheProgramHasForgotten() throws Exception {
        program("claude", """
                cat > %1$s/prompt
                case "$*" in
                  *--resume*) echo 'No conversation found with session ID: s-1' >&2; exit 1;;
                esac
                echo '%2$s'
                """.formatted(folder, RESULT));
        preset("claude");
        model().stream(ask("hi"), deltas::add);

        assertThat(model().stream(ask("hi", "Hello there", "more"), deltas::add).text())
                .isEqualTo("Hello there");
        assertThat(read("prompt")).contains("<user>\nhi\n</user>");
    }

    @Test
    void readsWordsWithoutTheirColours() throws Exception {
        program("kiro-cli", """
                cat > /dev/null
                printf '\\033[38;5;10m> \\033[0mThe \\033]0;title\\007answer\\r\\n\\033[?25his 4\\n'
                """);
        preset("kiro-cli");

        assertThat(model().stream(ask("2+2"), deltas::add).text()).isEqualTo("> The answer\nis 4\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "echo 'API Error: 429 rate_limit_error' >&2; exit 1 | OVERLOADED | 429",
                "echo 'You have hit your usage limit' >&2; exit 1 | OVERLOADED | usage limit",
                "echo 'Invalid API key. Please run /login' >&2; exit 1 | UNAUTHORIZED | /login",
                "echo 'sub: not found' >&2; exit 127 | NOT_FOUND | install",
                "exit 126 | FORBIDDEN | permissions",
                "kill -KILL $$ | SERVICE_UNAVAILABLE | signal 9",
                "echo 'Traceback: boom' >&2; exit 2 | METHOD_ERROR | ended with 2: Traceback: boom"
            })
    void mapsHowAProgramEnds(String script, ErrorCode code, String words) throws Exception {
        settings.put("command", new String[] {program("thinker", script)});

        KoshiException told = failure();

        assertThat(told.code()).isEqualTo(code);
        assertThat(told).hasMessageContaining("'thinker'").hasMessageContaining(words);
    }

    @Test
    void saysThatThereIsNoSuchProgram() {
        settings.put("command", new String[] {"no-such-program-anywhere"});

        assertThat(failure().code()).isEqualTo(ErrorCode.NOT_FOUND);
        assertThat(model().health().status()).isEqualTo(Status.HEALTHY);
    }

    @Test
    void hearsAFailureThatIsToldInTheAnswer() throws Exception {
        program("claude", """
                echo '{"type":"result","subtype":"success","is_error":true,"result":"Claude AI usage limit reached|17"}'
                exit 1
                """);
        preset("claude");
        assertThat(failure().code()).isEqualTo(ErrorCode.OVERLOADED);

        program("codex", """
                echo '{"type":"turn.failed","error":{"message":"stream disconnected"}}'
                """);
        preset("codex");
        assertThat(failure()).hasMessageContaining("stream disconnected");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "printf '{\"result\":\"half an ans' | json",
                "echo 'segmentation what' | json",
                "echo '[1,2]' | json",
                "echo '{\"type\":\"result\",' | claude"
            })
    void mayTryAgainAfterAnAnswerThatIsCutOrNoJson(String script, String output) throws Exception {
        settings.put("command", new String[] {program("thinker", script)});
        settings.put("output", output);

        assertThat(failure().code()).isEqualTo(ErrorCode.SERVICE_UNAVAILABLE);
    }

    @Test
    void hidesTheKeysItGives() throws Exception {
        settings.put("command", new String[] {program("thinker", "echo \"bad key $THE_KEY\" >&2; exit 1")});
        settings.put("environment.THE_KEY", "sk-very-secret");

        assertThat(failure()).hasMessageContaining("bad key ***");
    }

    @Test
    void doesNotWaitForWhatTheProgramLeftRunning() throws Exception {
        settings.put("command", new String[] {program("thinker", """
                echo answer
                sleep 1000 &
                echo $! > %1$s/left
                (setsid sh -c 'trap "" TERM HUP; echo $$ > %1$s/double; sleep 1000' &)
                while [ ! -s %1$s/double ]; do sleep 0.05; done
                """.formatted(folder))});

        assertThat(model().stream(ask("hi"), deltas::add).text()).isEqualTo("answer\n");

        assertThat(runs(pid("left"))).isFalse();
        assertThat(runs(pid("double"))).isFalse();
    }

    @Test
    void stopsAProgramThatTakesTooLongAndAllItStarted() throws Exception {
        settings.put("command", new String[] {program("thinker", """
                (trap '' TERM HUP; echo $$ > %1$s/parent; sleep 1000) &
                echo $! > %1$s/child
                echo begun
                wait
                """.formatted(folder))});
        settings.put("timeoutSeconds", 4); // time enough to begin, on a busy machine too

        assertThat(failure().code()).isEqualTo(ErrorCode.TIMEOUT);
        assertThat(runs(pid("child"))).isFalse();
        assertThat(runs(pid("parent"))).isFalse();
    }

    @Test
    void stopsAProgramThatFallsSilent() throws Exception {
        settings.put("command", new String[] {program("thinker", "echo begun; sleep 1000")});
        settings.put("silenceSeconds", 1);

        assertThat(failure()).hasMessageContaining("printed nothing");
    }

    @Test
    void stopsAProgramThatDoesNotStop() throws Exception {
        settings.put("command", new String[] {program("thinker", "yes abcdefghijklmnopqrstuvwxyz")});

        assertThat(failure().code()).isEqualTo(ErrorCode.TOO_LARGE);
    }

    @Test
    void isNotHeldUpByAProgramThatReadsNothingAndComplainsMuch() throws Exception {
        settings.put(
                "command", new String[] {program("thinker", "head -c 3000000 /dev/zero | tr '\\\\0' x >&2; echo ok")});

        assertThat(model().stream(ask("x".repeat(1_000_000)), deltas::add).text())
                .isEqualTo("ok\n");
    }

    @Test
    void endsWithItsThread() throws Exception {
        settings.put(
                "command", new String[] {program("thinker", "echo $$ > %s/pid; echo a; sleep 1000".formatted(folder))});
        CommandModel model = model();
        CountDownLatch first = new CountDownLatch(1);
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread asking = new Thread(() -> {
            try {
                model.stream(ask("hi"), delta -> first.countDown());
            } catch (Throwable e) {
                thrown.set(e);
            }
        });
        asking.start();
        assertThat(first.await(60, TimeUnit.SECONDS)).isTrue();
        asking.interrupt();
        asking.join(120_000);

        assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
        await().until(() -> !runs(pid("pid")));
    }

    @Test
    void bypassesNothingUnlessToldAndNeverForStrangers() throws Exception {
        program("claude", "echo \"$@\" > %s/argv; cat >/dev/null; echo '%s'".formatted(folder, RESULT));
        preset("claude");
        model().stream(ask("hi"), deltas::add);
        assertThat(read("argv")).doesNotContain("dangerously");

        settings.put("bypass", true);
        settings.put("allowedTools", new String[] {"Bash"});
        model().stream(ask("hi"), deltas::add);
        assertThat(read("argv")).contains("--dangerously-skip-permissions", "--allowedTools Bash");

        model().stream(ask(Trust.LOW, "hi"), deltas::add);
        assertThat(read("argv")).doesNotContain("dangerously", "Bash");
    }

    @Test
    void givesNothingOfStrangersToAProgramThatIsToldToBeRecklessInItsOwnWords() throws Exception {
        String claude = program("claude", "echo ran > %s/argv".formatted(folder));
        settings.put("command", new String[] {claude, "--dangerously-skip-permissions"});
        assertThatThrownBy(this::model).hasMessageContaining("bypass: true");

        settings.put("bypass", true);
        CommandModel model = model();
        assertThatThrownBy(() -> model.stream(ask(Trust.LOW, "hi"), deltas::add))
                .hasMessageContaining("strangers");
        assertThat(folder.resolve("argv")).doesNotExist();
    }

    @Test
    void saysAtOnceWhatIsWrongWithItsSettings() {
        assertThatThrownBy(this::model).hasMessageContaining("name a program");
        settings.put("preset", "claud");
        assertThatThrownBy(this::model).hasMessageContaining("did you mean 'claude'");
        settings.put("preset", "claude");
        settings.put("output", "xml");
        assertThatThrownBy(this::model).hasMessageContaining("/output");
    }

    private KoshiException failure() {
        CommandModel model = model();
        return catchThrowableOfType(KoshiException.class, () -> model.stream(ask("hi"), deltas::add));
    }

    private CommandModel model() {
        return new CommandModel(
                room.workshop.children(),
                room.workshop.pools(),
                room.codec,
                room.sqlite,
                TestConfig.of(settings),
                properties());
    }

    private Map<String, Object> properties() {
        Map<String, Object> all = new HashMap<>(settings);
        all.put("koshi.home", folder.toString());
        all.put("koshi.model.name", "thinker");
        return all;
    }

    private void preset(String name) {
        settings.put("preset", name);
        settings.put("environment.PATH", folder + ":" + System.getenv("PATH"));
    }

    private String program(String name, String script) throws IOException {
        Path file = folder.resolve(name);
        Files.writeString(file, "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
        return file.toString();
    }

    private String read(String name) throws IOException {
        return Files.readString(folder.resolve(name));
    }

    private long pid(String name) throws IOException {
        return Long.parseLong(read(name).strip());
    }

    private static boolean runs(long pid) {
        return ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isPresent() && !zombie(pid);
    }

    private static boolean zombie(long pid) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/stat")).contains(") Z ");
        } catch (IOException gone) {
            return true;
        }
    }

    private static ModelRequest ask(String... turns) {
        return ask(Trust.HIGH, turns);
    }

    private static ModelRequest ask(Trust trust, String... turns) {
        List<ModelMessage> messages = new ArrayList<>();
        for (int i = 0; i < turns.length; i++) {
            messages.add(i % 2 == 0 ? ModelMessage.User.of(turns[i]) : new ModelMessage.Assistant(turns[i], List.of()));
        }
        return new ModelRequest("console:main", "run", "be brief", messages, 0, List.of(), 1000, trust);
    }
}
