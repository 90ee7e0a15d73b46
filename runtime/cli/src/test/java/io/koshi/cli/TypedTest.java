package io.koshi.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintStream;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class TypedTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final List<String> decided = new CopyOnWriteArrayList<>();
    private final PipedOutputStream keys = new PipedOutputStream();
    private Typed typed;

    @BeforeEach
    void sit() throws Exception {
        typed = new Typed(
                new BufferedReader(new InputStreamReader(new PipedInputStream(keys), UTF_8)),
                new PrintStream(out, true, UTF_8),
                (id, allow) -> decided.add(id + " " + allow));
    }

    private void press(String line) throws Exception {
        keys.write((line + "\n").getBytes(UTF_8));
        keys.flush();
    }

    private static Map<String, Object> asks(String id) {
        return Map.of(
                "event",
                "approval.requested",
                "payload",
                Map.of("id", id, "sessionKey", "console:main", "tool", "exec", "args", Map.of("argv", List.of("ls"))));
    }

    private static Map<String, Object> decided(String id) {
        return Map.of("event", "approval.decided", "payload", Map.of("id", id, "decision", "allow", "by", "ann"));
    }

    @Test
    void aYesGoesToTheQuestionAndOtherLinesToTheHub() throws Exception {
        press("typed before it was asked");
        assertThat(typed.next()).hasValue("typed before it was asked");
        typed.hear(asks("A1"), "console:main");
        assertThat(out.toString(UTF_8)).contains("exec {\"argv\":[\"ls\"]}? [y/n] ");

        press("why?");
        await().until(() -> out.toString(UTF_8).endsWith("y or n? "));
        press("Y");
        await().until(() -> decided.equals(List.of("A1 true")));
        typed.hear(decided("A1"), "console:main");
        press("go on");
        assertThat(typed.next()).hasValue("go on");
    }

    @Test
    void slashWordsAnswerTooAndQuestionsAreAskedOneByOne() throws Exception {
        typed.hear(asks("A1"), "console:main");
        typed.hear(asks("A2"), "console:main");
        press("/deny");
        await().until(() -> decided.equals(List.of("A1 false")));
        typed.hear(decided("A1"), "console:main");
        press("/approve A2");
        await().until(() -> decided.equals(List.of("A1 false", "A2 true")));
    }

    @Test
    void whatSomebodyElseDecidedOrIsAskedElsewhereIsNotWaitedFor() throws Exception {
        typed.hear(asks("A1"), "console:other");
        typed.hear(asks("A2"), "console:main");
        typed.hear(decided("A2"), "console:main");
        assertThat(out.toString(UTF_8)).endsWith("allowed by ann\n");
        press("y");
        assertThat(typed.next()).as("it is a message now").hasValue("y");
        keys.close();
        assertThat(typed.next()).isEmpty();
        assertThat(typed.next()).isEmpty();
        assertThat(decided).isEmpty();
    }
}
