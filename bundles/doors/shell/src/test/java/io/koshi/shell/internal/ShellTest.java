package io.koshi.shell.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.codec.internal.RecordCodec;
import io.koshi.rpc.Caller;
import io.koshi.rpc.MethodInfo;
import io.koshi.rpc.Registry;
import io.koshi.rpc.Scope;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.felix.gogo.runtime.CommandProcessorImpl;
import org.apache.felix.gogo.runtime.threadio.ThreadIOImpl;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Lines run by the real Gogo. */
class ShellTest {
    private static final Caller OWNER = Caller.admin("socket");

    private final ThreadIOImpl streams = new ThreadIOImpl();
    private final CommandProcessorImpl gogo = new CommandProcessorImpl(streams);
    private final ShellSessions shell = new ShellSessions(() -> gogo, new HubCommands(new Echo(), new RecordCodec()));

    ShellTest() {
        streams.start();
    }

    @AfterEach
    void stop() {
        shell.close();
        gogo.stop();
        streams.stop();
    }

    /** One method, which answers with what it was given. */
    private static final class Echo implements Registry {
        @Override
        public CompletionStage<Object> call(
                Caller caller, String method, Map<String, Object> params, Duration deadline) {
            return CompletableFuture.completedFuture(ask(caller, method, params));
        }

        @Override
        public Object ask(Caller caller, String method, Map<String, Object> params) {
            if (!caller.may("session", Scope.READ)) {
                throw new KoshiException(ErrorCode.FORBIDDEN, caller.name() + " may not");
            }
            Map<String, Object> answer = new LinkedHashMap<>(params);
            answer.put(
                    "types",
                    params.values().stream()
                            .map(v -> v.getClass().getSimpleName())
                            .toList()
                            .toString());
            return answer;
        }

        @Override
        public List<MethodInfo> methods() {
            return List.of(new MethodInfo("session.list", "Lists sessions.", Scope.READ, Map.of(), Map.of(), "test"));
        }

        @Override
        public Optional<MethodInfo> find(String method) {
            return Optional.empty();
        }
    }

    private String output(String line) {
        ShellMethods.Outcome outcome = shell.executeOnce(OWNER, line);
        assertThat(outcome.error()).isEmpty();
        return outcome.output();
    }

    @Test
    void aMethodIsACommandWithWordsJsonOrAMap() {
        assertThat(output("session:list limit=5 name=main on=true"))
                .containsPattern("limit +5")
                .contains("[Long, String, Boolean]");
        assertThat(output("session:list '{\"limit\":7,\"tags\":[\"a\"]}'"))
                .containsPattern("limit +7")
                .contains("a");
        assertThat(output("session:list [limit=9]")).containsPattern("limit +9").contains("[Long]");
        assertThat(output("methods")).contains("session:list").contains("Lists sessions.");
    }

    @Test
    void aMistakeIsSaidAndEndsNothing() {
        assertThat(shell.executeOnce(OWNER, "no:such").error())
                .hasValueSatisfying(e -> assertThat(e).contains("methods"));
        assertThat(shell.executeOnce(OWNER, "session:list limit").error())
                .hasValueSatisfying(e -> assertThat(e).contains("key=value"));
        assertThat(shell.executeOnce(OWNER, "echo (((").error()).isPresent();
        assertThat(output("session:list a=1")).isNotEmpty();
    }

    @Test
    void theCallersScopesHoldInTheShellToo() {
        Caller guest = new Caller("guest", Set.of("memory.read"));
        assertThat(shell.executeOnce(guest, "session:list").error()).hasValue("guest may not");
    }

    @Test
    void aNamedSessionKeepsItsVariables() {
        shell.execute(OWNER, "mine", "x=42");
        assertThat(shell.execute(OWNER, "mine", "session:list n=$x").output()).containsPattern("n +42");
        for (int i = 0; i < 40; i++) {
            shell.execute(OWNER, "other" + i, "y=1");
        }
        assertThat(shell.execute(OWNER, "mine", "session:list n=$x").output()).doesNotContain("42");
    }

    @Test
    void nothingThatWouldEndTheHubIsRun() {
        for (String line : List.of(
                "exit",
                "close",
                "gosh:exit",
                "shutdown",
                "stop 0",
                "felix:stop 0",
                "stop -t 0",
                "lb; stop 0",
                "lb | exit",
                "stop 5 0",
                "update 0",
                "(bundle 0) stop",
                "system:exit 0",
                "stop system.bundle",
                "$(exit)")) {
            assertThatThrownBy(() -> shell.executeOnce(OWNER, line))
                    .as(line)
                    .isInstanceOf(KoshiException.class)
                    .hasMessageContaining("koshi stop");
        }
        for (String line : List.of(
                "stop 10",
                "stop 61",
                "start 0",
                "bundle 0",
                "session:list text=exit",
                "lb -s",
                "uninstall 105",
                "session:list '{\"text\":\"please exit and close\"}'",
                "stop org.example.zero")) {
            assertThatCode(() -> Guard.check(line)).as(line).doesNotThrowAnyException();
        }
    }
}
