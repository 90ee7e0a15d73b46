package io.koshi.model.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TemplateTest {
    private static final Template CLAUDE = new Template(List.of(
            "claude",
            "--model",
            "{model}",
            "--print",
            "--output-format",
            "json",
            "--resume",
            "{session}",
            "--allowedTools",
            "{tools}"));

    @Test
    void fillsItsPlaces() {
        assertThat(CLAUDE.fill(Map.of("model", "opus", "session", "s-1", "tools", "Read,Grep"), List.of()))
                .containsExactly(
                        "claude",
                        "--model",
                        "opus",
                        "--print",
                        "--output-format",
                        "json",
                        "--resume",
                        "s-1",
                        "--allowedTools",
                        "Read,Grep");
    }

    @Test
    void leavesOutAnOptionThatHasNothingToSay() {
        assertThat(CLAUDE.fill(Map.of("model", "", "session", ""), List.of()))
                .containsExactly("claude", "--print", "--output-format", "json");
    }

    @Test
    void knowsTheFormsOfThePresets() {
        Template codex = new Template(Preset.of("codex").argv());
        Template kiro = new Template(Preset.of("kiro-cli").argv());

        assertThat(codex.fill(Map.of("session", "t-1"), List.of()))
                .containsExactly("codex", "exec", "--json", "--skip-git-repo-check", "resume", "t-1", "-");
        assertThat(codex.fill(Map.of(), Preset.of("codex").bypass()))
                .containsExactly(
                        "codex",
                        "exec",
                        "--json",
                        "--skip-git-repo-check",
                        "--dangerously-bypass-approvals-and-sandbox",
                        "-");
        assertThat(kiro.fill(Map.of("tools", "fs_read"), List.of()))
                .containsExactly("kiro-cli", "chat", "--no-interactive", "--trust-tools=fs_read");
        assertThat(kiro.fill(Map.of(), List.of())).containsExactly("kiro-cli", "chat", "--no-interactive");
    }

    @Test
    void whatIsFilledInStaysOneWord() {
        String hostile = "x; rm -rf / --dangerously-skip-permissions\n$(id) {bypass}";

        assertThat(CLAUDE.fill(Map.of("model", hostile), List.of("--yolo")))
                .containsExactly("claude", "--model", hostile, "--print", "--output-format", "json");
    }

    @Test
    void refusesAPlaceNobodyFills() {
        assertThatThrownBy(() -> new Template(List.of("claude", "{modell}"))).hasMessageContaining("{modell}");
        assertThatThrownBy(() -> new Template(List.of())).hasMessageContaining("name a program");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "claude --dangerously-skip-permissions",
                "claude --allow-dangerously-skip-permissions",
                "claude --permission-mode bypassPermissions",
                "claude --permission-mode=bypassPermissions",
                "codex exec --dangerously-bypass-approvals-and-sandbox",
                "codex exec --yolo",
                "codex exec --sandbox danger-full-access",
                "codex exec -c sandbox_mode=\"danger-full-access\"",
                "codex exec -c approval_policy=\"never\"",
                "codex --ask-for-approval never",
                "codex -a never",
                "kiro-cli chat --trust-all-tools",
                "timeout 60 claude --Dangerously-Skip-Permissions"
            })
    void findsAProgramsOwnBypass(String line) {
        assertThatThrownBy(() -> BypassFlags.refuse(List.of(line.split(" ")), "/command"))
                .hasMessageContaining("bypass: true");
    }

    @Test
    void findsItInsideAWordToo() {
        assertThatThrownBy(() -> BypassFlags.refuse(
                        List.of("bash", "-c", "exec claude --dangerously-skip-permissions"), "/command"))
                .hasMessageContaining("bypass: true");
        assertThatCode(() -> BypassFlags.refuse(List.of("claude", "--print", "-a", "x"), "/command"))
                .doesNotThrowAnyException();
    }
}
