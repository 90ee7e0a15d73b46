package io.koshi.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OptionsTest {
    @TempDir
    Path temp;

    private Path here;
    private Path user;

    @BeforeEach
    void directories() throws IOException {
        here = Files.createDirectory(temp.resolve("here"));
        user = Files.createDirectory(temp.resolve("user"));
    }

    @Test
    void livesInTheUsersHomeWhenNobodySaysOtherwise() {
        Options options = parse(Map.of());

        assertThat(options)
                .isEqualTo(new Options(user.resolve(".koshi"), user.resolve(".koshi/koshi.yaml"), false, false));
    }

    @Test
    void takesTheHomeThatTheShellHasForTheUsers() {
        Options options = parse(Map.of("HOME", here.toString()));

        assertThat(options.home()).isEqualTo(here.resolve(".koshi"));
    }

    @Test
    void takesTheConfigurationOfTheWorkingDirectory() throws IOException {
        Path config = Files.createFile(here.resolve("koshi.yaml"));

        assertThat(parse(Map.of()).config()).isEqualTo(config);
    }

    @Test
    void aNamedHomeHasItsOwnConfiguration() throws IOException {
        Files.createFile(here.resolve("koshi.yaml"));

        assertThat(parse(Map.of("KOSHI_HOME", "h")).config()).isEqualTo(here.resolve("h/koshi.yaml"));
        assertThat(parse(Map.of(), "--home", "h").config()).isEqualTo(here.resolve("h/koshi.yaml"));
    }

    @Test
    void theCommandLineWinsOverTheEnvironment() {
        Options options =
                parse(Map.of("KOSHI_HOME", "/a"), "--home", "/b", "--config", "c.yaml", "--isolated", "--detached");

        assertThat(options).isEqualTo(new Options(Path.of("/b"), here.resolve("c.yaml"), true, true));
    }

    @Test
    void refusesWhatItDoesNotKnow() {
        assertThatThrownBy(() -> parse(Map.of(), "--hmoe", "x"))
                .isInstanceOfSatisfying(Refusal.class, r -> assertThat(r.exit()).isEqualTo(2))
                .hasMessageContaining("--hmoe");
        assertThatThrownBy(() -> parse(Map.of(), "--home"))
                .isInstanceOf(Refusal.class)
                .hasMessageStartingWith("--home needs a value.");
    }

    private Options parse(Map<String, String> environment, String... args) {
        return Options.parse(args, environment, here, user);
    }
}
