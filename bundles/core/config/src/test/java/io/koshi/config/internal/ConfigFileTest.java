package io.koshi.config.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.koshi.api.KoshiException;
import io.koshi.codec.internal.RecordCodec;
import io.koshi.config.ByteSize;
import io.koshi.config.Config;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigFileTest {
    @TempDir
    Path home;

    private final Map<String, String> environment = new HashMap<>();

    @Test
    void readsTheShippedDefault() throws IOException {
        String text = Files.readString(Path.of("../../../config/koshi.yaml"));
        Config config = parse(text).config();
        assertThat(config.http().host()).isEqualTo("127.0.0.1");
        assertThat(config.http().port()).isEqualTo(3000);
        assertThat(config.plugins()).isEmpty();
    }

    @Test
    void aHomeWithoutAFileGetsTheCommentedDefault() throws IOException {
        Path written = home.resolve("koshi.yaml");
        ConfigRoom.writeDefault(file(written));
        assertThat(written).hasSameBinaryContentAs(Path.of("../../../config/koshi.yaml"));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(written)))
                .isEqualTo("rw-------");
        Files.writeString(written, "name: mine\n");
        ConfigRoom.writeDefault(file(written));
        assertThat(written).hasContent("name: mine");
    }

    @Test
    void aFileThatIsNamedElsewhereIsNotMade() throws IOException {
        Path elsewhere = Files.createDirectory(home.resolve("etc")).resolve("hub.yaml");
        ConfigRoom.writeDefault(file(elsewhere));
        ConfigRoom.writeDefault(file(home.resolve("nowhere/hub.yaml")));
        assertThat(elsewhere).doesNotExist();
    }

    private ConfigFile file(Path path) {
        return new ConfigFile(path, home, new RecordCodec(), environment::get, bsn -> true);
    }

    @Test
    void readsEveryBlockThatUsersRelyOn() {
        environment.put("ANTHROPIC_API_KEY", "sk-1");
        Config config = parse("""
                        name: hub
                        logLevel: debug
                        http: { host: 127.0.0.1, port: 0 }
                        data: ./data
                        identity: { soul: "You are Koshi." }
                        models:
                          main:  { plugin: anthropic, model: claude, apiKey: "${ANTHROPIC_API_KEY}" }
                        agent:  { model: main, fallback: [offline], whenBusy: wait }
                        agents: { maxConcurrent: 3, defaultTimeout: 300 }
                        plugins:
                          - { name: webhook, routes: { deploy: { verify: hmac-sha256 } } }
                        routes:
                          - match:  { channel: github, event: pull_request }
                            action: { spawn: { skill: code-review, task: "{{number}}" } }
                        default: drop
                        buffer:   { retentionDays: 7, batchWindowMs: 500, warnDepth: 10000 }
                        memory:   { maxSize: 100MB, pruneSchedule: "0 4 * * *" }
                        sessions: { maxMessages: 200, policy: contact }
                        tools:    { approval: ask }
                        mcp:      { servers: {} }
                        cron:
                          - { name: lookout, schedule: "30 7 * * *" }
                        tasks:    { leaseSeconds: 300, maxAttempts: 3 }
                        doors:    { swarm: { port: 8765 } }
                        gateway:  { maxFrame: 8MB, pingSeconds: 15, replay: 10000 }
                        """).config();
        assertThat(config.models().get("main")).containsEntry("apiKey", "sk-1");
        assertThat(config.default_()).isEqualTo(Config.Unmatched.DROP);
        assertThat(config.sessions().policy()).isEqualTo(Config.SessionPolicy.CONTACT);
        assertThat(config.gateway().maxFrame()).isEqualTo(new ByteSize(8 << 20));
        assertThat(config.routes()).hasSize(1);
    }

    @Test
    void aKeyThatIsThereTwiceIsShownWithBothPlaces() {
        assertThatThrownBy(() -> parse("name: koshi\nplugins: []\nhttp: { port: 0 }\nplugins: []\n"))
                .hasMessageContaining("4:1")
                .hasMessageContaining("first in line 2");
    }

    @Test
    void namesLineColumnAndTheNearestKey() {
        assertThatThrownBy(() -> parse("name: koshi\nhttp:\n  prot: 3000\n"))
                .isInstanceOf(KoshiException.class)
                .hasMessageContaining("koshi.yaml:3:3: /http/prot: ")
                .hasMessageContaining("port");
    }

    @Test
    void namesEveryFaultAtOnce() {
        assertThatThrownBy(() -> parse("nmae: koshi\nhttp: { port: many }\nbuffer: { retentionDays: 0 }\n"))
                .hasMessageContaining("koshi.yaml:1:1: /nmae")
                .hasMessageContaining("koshi.yaml:2:9: /http/port")
                .hasMessageContaining("koshi.yaml:3:11: /buffer/retentionDays");
    }

    @Test
    void namesAnUnsetVariableWithItsPlace() {
        assertThatThrownBy(() -> parse("name: koshi\nidentity:\n  soul: \"hello ${NOBODY}\"\n"))
                .hasMessageContaining("koshi.yaml:3:9: /identity/soul: the variable ${NOBODY} is not set");
    }

    @Test
    void readsAFilledInValueAsTheTypeThatIsWanted() {
        environment.put("PORT", "4000");
        environment.put("PROXY", "true");
        environment.put("SOUL", "42");
        environment.put("TOKEN", "007");
        Config config = parse("""
                        http: { port: "${PORT}", proxy: "${PROXY}" }
                        identity: { soul: "${SOUL}" }
                        plugins: [ { name: telegram, token: "${TOKEN}" } ]
                        """).config();
        assertThat(config.http().port()).isEqualTo(4000);
        assertThat(config.http().proxy()).isTrue();
        assertThat(config.identity().soul()).isEqualTo("42");
        assertThat(config.plugins().get(0)).containsEntry("token", "007");
    }

    @Test
    void neverReadsWhatWasFilledInAsYamlOrAsAnotherReference() {
        environment.put("SOUL", "x\nhttp: { port: 1 } ${PORT}");
        assertThat(parse("identity: { soul: \"$${PORT} ${SOUL}\" }")
                        .config()
                        .identity()
                        .soul())
                .isEqualTo("${PORT} x\nhttp: { port: 1 } ${PORT}");
    }

    @Test
    void takesSecretsFromAFileThatIsClosedToOthers() throws IOException {
        Path secrets = Files.writeString(home.resolve("secrets.yaml"), "github: s3cret\na: { b: deep }\n");
        Files.setPosixFilePermissions(secrets, PosixFilePermissions.fromString("rw-------"));
        Map<String, Object> entry = parse(
                        "plugins: [ { name: github, secret: \"${secrets.github}\", x: \"${secrets.a.b}\" } ]")
                .config()
                .plugins()
                .get(0);
        assertThat(entry).containsEntry("secret", "s3cret").containsEntry("x", "deep");
    }

    @Test
    void refusesSecretsThatOthersCanRead() throws IOException {
        Path secrets = Files.writeString(home.resolve("secrets.yaml"), "github: s3cret\n");
        Files.setPosixFilePermissions(secrets, PosixFilePermissions.fromString("rw-r--r--"));
        assertThatThrownBy(() -> parse("plugins: [ { name: github, secret: \"${secrets.github}\" } ]"))
                .hasMessageContaining("chmod 600")
                .hasMessageNotContaining("s3cret");
    }

    @ParameterizedTest
    @ValueSource(strings = {"on", "off", "yes", "no", "y", "0o9", "1_000", "12:30:45", "2024-01-01"})
    void keepsAsTextWhatOlderYamlTakesForSomethingElse(String word) {
        assertThat(parse("plugins: [ { name: x, value: " + word + " } ]")
                        .config()
                        .plugins()
                        .get(0))
                .containsEntry("value", word);
    }

    @ParameterizedTest
    @CsvSource({"12,12", "-7,-7", "0x1F,31", "0o17,15"})
    void readsIntegersByTheCoreSchema(String text, long value) {
        assertThat(parse("plugins: [ { name: x, value: " + text + " } ]")
                        .config()
                        .plugins()
                        .get(0))
                .containsEntry("value", value);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "# only a comment\n",
                "- a\n- b\n",
                "just words\n",
                "name: a\nname: b\n",
                "name: !!java.net.URL [ \"http://x\" ]\n",
                "name: !!str x\n",
                "name: a\n---\nname: b\n",
                "name: \"unclosed\n",
                "http: { port: 3000\n",
                "\tname: x\n",
                "a: &a [*a]\n",
                "? [x]\n: y\n",
                "name: \u0000\n"
            })
    void refusesWhatIsNoConfiguration(String text) {
        assertThatThrownBy(() -> parse(text)).isInstanceOf(KoshiException.class).hasMessageStartingWith("koshi.yaml:");
    }

    @Test
    void tellsFaultsAsOneReadsTheFile() {
        assertThatThrownBy(() -> parse("buffers: {}\nhttp: { prot: 1 }\nsessions: { polcy: shared }\nhtpt: {}\n"))
                .satisfies(e -> assertThat(e.getMessage().lines().map(line -> line.split(":")[1]))
                        .containsExactly("1", "2", "3", "4"));
    }

    @Test
    void saysWhereACharacterIsThatCannotBe() {
        assertThatThrownBy(() -> parse("# 😀\nname: a\u0001b\n")).hasMessageStartingWith("koshi.yaml:2:8: ");
        assertThatThrownBy(() -> parse("# " + "x".repeat(5000) + "\n\nname: 😀\u0000\n"))
                .hasMessageStartingWith("koshi.yaml:3:8: ")
                .hasMessageContaining("U+0000");
    }

    @Test
    void saysWhereAFileStopsBeingUtf8() throws IOException {
        Path file = home.resolve("koshi.yaml");
        Files.write(file, "# gr\u00fcn\nname: caf\u00e9\n".getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> file(file).read()).hasMessageStartingWith("koshi.yaml:1:5: ");
        Files.write(file, "name: hub\nlogLevel: info \u00e9\n".getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> file(file).read())
                .hasMessageStartingWith("koshi.yaml:2:16: ")
                .hasMessageContaining("save it as UTF-8");
        Files.write(file, new byte[] {'n', 'a', 'm', 'e', ':', ' ', (byte) 0xC3});
        assertThatThrownBy(() -> file(file).read()).hasMessageStartingWith("koshi.yaml:1:7: ");
    }

    @Test
    void refusesMergedKeys() {
        assertThatThrownBy(() -> parse("tools: &t { approval: ask }\nhttp: { <<: *t, port: 0 }\n"))
                .hasMessageStartingWith("koshi.yaml:2:9: ")
                .hasMessageContaining("merged keys");
    }

    @Test
    void refusesABombOfAliases() {
        StringBuilder bomb = new StringBuilder("tools:\n  a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
        for (int i = 1; i < 9; i++) {
            bomb.append("  a%d: &a%d [%s]\n"
                    .formatted(i, i, "*a%d, ".formatted(i - 1).repeat(9)));
        }
        assertThatThrownBy(() -> parse(bomb.toString())).hasMessageContaining("aliases");
        StringBuilder few = new StringBuilder("tools:\n  a0: &a0 [x, x, x, x, x, x, x, x]\n");
        for (int i = 1; i < 7; i++) {
            few.append("  a%d: &a%d [%s]\n"
                    .formatted(i, i, "*a%d, ".formatted(i - 1).repeat(8)));
        }
        assertThatThrownBy(() -> parse(few.toString())).hasMessageContaining("250000 values");
    }

    @Test
    void readsTenThousandJobsWithAllTheyMayHave() {
        String job =
                "  - { name: job%d, schedule: \"%d %d * * *\", timezone: Europe/Helsinki, missed: once, concurrency:"
                        + " queue, jitterMs: 1000, active: \"08:00-22:00\", description: \"A job like many others\","
                        + " task: { title: \"Do it\", prompt: \"Look around, and say what is new\", skill: briefing, autoRun:"
                        + " true, priority: 5, project: many }, tell: { channel: console, to: main, on: always } }\n";
        StringBuilder text = new StringBuilder("name: koshi\ncron:\n");
        for (int i = 0; i < 10_000; i++) {
            text.append(job.formatted(i, i % 60, i % 24));
        }
        assertThat(parse(text.toString()).config().cron()).hasSize(10_000);
    }

    @Test
    void refusesDeepNestingAndLargeFiles() {
        assertThatThrownBy(() -> parse("tools: { a: " + "[".repeat(100_000)))
                .hasMessageContaining("nested deeper than 64");
        assertThatThrownBy(() -> parse("name: " + "x".repeat(1 << 22))).hasMessageContaining("larger than 4 MB");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0", "192.168.1.5", "hub.example.org", "::"})
    void refusesAnOpenHostWithoutTlsOrProxy(String host) {
        assertThatThrownBy(() -> parse("http:\n  host: \"" + host + "\"\n"))
                .hasMessageContaining("koshi.yaml:2:3: /http/host")
                .hasMessageContaining("proxy: true");
        assertThat(parse("http: { host: \"" + host + "\", proxy: true }")
                        .config()
                        .http()
                        .proxy())
                .isTrue();
    }

    @Test
    void refusesAModelThatIsNotThereAndListsThoseThatAre() {
        assertThatThrownBy(() -> parse("models: { main: { plugin: anthropic } }\nagent: { model: mian }\n"))
                .hasMessageContaining(
                        "koshi.yaml:2:10: /agent/model: there is no model 'mian'; there are main, offline");
    }

    @Test
    void refusesPluginEntriesThatCannotBeToldApart() {
        assertThatThrownBy(() -> parse("plugins:\n  - name: a\n  - name: a\n"))
                .hasMessageContaining("koshi.yaml:3:5: /plugins/1/name");
        assertThatThrownBy(() -> parse("plugins:\n  - { token: x }\n")).hasMessageContaining("needs a 'name'");
        assertThatThrownBy(() -> parse("plugins:\n  - { name: a, x: { b.c: 1 } }\n"))
                .hasMessageContaining("no dot");
    }

    @Test
    void acceptsBlocksOfAbsentRoomsWithAWarning() {
        ConfigFile file =
                new ConfigFile(home.resolve("koshi.yaml"), home, new RecordCodec(), environment::get, bsn -> false);
        assertThat(file.parse("mcp: { servers: {} }\ndebug: true\n").warnings())
                .hasSize(2)
                .anyMatch(w -> w.contains("'mcp'"))
                .anyMatch(w -> w.contains("'debug'"));
    }

    @Test
    void countsColumnsBehindCharactersOutsideTheBasicPlane() {
        assertThatThrownBy(() -> parse("identity: { soul: \"\uD83D\uDE00\" }\nhttp: { prot: 1 }\n"))
                .hasMessageContaining("koshi.yaml:2:9: /http/prot");
    }

    private Loaded parse(String text) {
        return new ConfigFile(home.resolve("koshi.yaml"), home, new RecordCodec(), environment::get, bsn -> true)
                .parse(text);
    }
}
