package io.koshi.config.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.koshi.api.KoshiException;
import io.koshi.api.Loop;
import io.koshi.api.Problem;
import io.koshi.codec.internal.RecordCodec;
import io.koshi.testkit.TestPools;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LiveSettingsTest {
    private static final String GOOD =
            "# mine\nname: one\nbuffer: { batchWindowMs: 100 }\nplugins:\n  - { name: a, token: x } # people\n";

    @TempDir
    Path home;

    private final TestPools pools = new TestPools();
    private final CheckTable checks = new CheckTable();
    private final List<Loop> loops = new ArrayList<>();

    @AfterEach
    void end() {
        loops.forEach(Loop::close);
        pools.close();
    }

    @Test
    void namesWhatChangedAndTellsListenersBothConfigurations() throws Exception {
        LiveSettings live = start(GOOD);
        List<String> heard = new CopyOnWriteArrayList<>();
        live.onChange((before, after) -> heard.add(before.name() + ">" + after.name()));
        write(GOOD.replace("one", "two").replace("token: x", "token: y"));
        assertThat(live.reload()).containsExactly("name", "plugins.a");
        await().untilAsserted(() -> assertThat(heard).containsExactly("one>two"));
    }

    @Test
    void callsNobodyWhenOnlyACommentChanged() throws Exception {
        LiveSettings live = start(GOOD);
        List<String> heard = new CopyOnWriteArrayList<>();
        live.onChange((before, after) -> heard.add("called"));
        write(GOOD + "# more\n");
        assertThat(live.reload()).isEmpty();
        write(GOOD.replace("one", "two"));
        live.reload();
        await().untilAsserted(() -> assertThat(heard).hasSize(1));
    }

    @Test
    void keepsTheRunningConfigurationWhenTheFileTurnsBad() throws Exception {
        LiveSettings live = start(GOOD);
        List<LiveSettings.Outcome> outcomes = new CopyOnWriteArrayList<>();
        live.onReload(outcomes::add);
        write("name: two\nhttp: { prot: 1 }\n");
        assertThatThrownBy(live::reload).isInstanceOf(KoshiException.class).hasMessageContaining("koshi.yaml:2:9");
        assertThatThrownBy(live::reload).isInstanceOf(KoshiException.class);
        assertThat(live.config().name()).isEqualTo("one");
        assertThat(live.origin().lastGood()).isTrue();
        assertThat(live.origin().error().orElseThrow()).contains("koshi.yaml:2:9");
        assertThat(live.problems()).extracting(Problem::path).containsExactly("/http/prot");
        await().untilAsserted(() -> assertThat(outcomes).hasSize(1));
        write(GOOD);
        assertThat(live.reload()).isEmpty();
        assertThat(live.origin().lastGood()).isFalse();
        assertThat(live.problems()).isEmpty();
    }

    @Test
    void refusesToStartOnABadFileWithoutALastGoodOne() {
        assertThatThrownBy(() -> start("name: [\n")).hasMessageStartingWith("koshi.yaml:");
    }

    @Test
    void startsOnTheLastGoodConfigurationAndSaysSo() throws Exception {
        assertThat(start(GOOD).settle()).isEmpty();
        assertThat(Files.getPosixFilePermissions(home.resolve("koshi.yaml.last-good")))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));
        LiveSettings again = start("name: [\n");
        assertThat(again.config().name()).isEqualTo("one");
        assertThat(again.origin().lastGood()).isTrue();
        assertThat(again.origin().error().orElseThrow()).startsWith("koshi.yaml:2:1");
    }

    @Test
    void turnsBackToTheLastGoodConfigurationWhenARoomFindsTheFirstOneWrong() throws Exception {
        start(GOOD).settle();
        checks.add(config -> config.name().equals("two") ? List.of(new Problem("/name", "is taken")) : List.of());
        LiveSettings live = start(GOOD.replace("one", "two"));
        List<String> heard = new CopyOnWriteArrayList<>();
        live.onChange((before, after) -> heard.add(before.name() + ">" + after.name()));
        assertThat(live.settle()).isEmpty();
        assertThat(live.config().name()).isEqualTo("one");
        assertThat(live.origin().lastGood()).isTrue();
        assertThat(live.problems()).extracting(Problem::problem).containsExactly("koshi.yaml:2:1: /name: is taken");
        await().untilAsserted(() -> assertThat(heard).containsExactly("two>one"));
    }

    @Test
    void neverKeepsAsGoodWhatARoomRefused() throws Exception {
        checks.add(config -> List.of(new Problem("/name", "is taken")));
        LiveSettings live = start(GOOD);
        assertThat(live.settle()).containsExactly(new Problem("/name", "koshi.yaml:2:1: /name: is taken"));
        assertThat(home.resolve("koshi.yaml.last-good")).doesNotExist();
    }

    @Test
    void refusesAReloadThatARoomFindsWrongAndSaysWhere() throws Exception {
        LiveSettings live = start(GOOD);
        checks.add(config -> config.plugins().get(0).get("token").equals("bad")
                ? List.of(new Problem("/plugins/0/token", "is no token"))
                : List.of());
        assertThat(live.problems()).isEmpty();
        write(GOOD.replace("token: x", "token: bad"));
        assertThatThrownBy(live::reload).hasMessage("koshi.yaml:5:16: /plugins/0/token: is no token");
        assertThat(live.config().plugins().get(0)).containsEntry("token", "x");
    }

    @Test
    void reportsWhatACheckThatCameLaterFindsInTheRunningConfiguration() throws Exception {
        LiveSettings live = start(GOOD);
        checks.add(config -> List.of(new Problem("/plugins/0", "is unknown here")));
        assertThat(live.problems())
                .containsExactly(new Problem("/plugins/0", "koshi.yaml:5:5: /plugins/0: is unknown here"));
        assertThat(live.reload()).isEmpty();
        assertThat(live.origin().lastGood()).isFalse();
    }

    @Test
    void addsAndRemovesAPluginInTheFileAndAppliesItAtOnce() throws Exception {
        LiveSettings live = start(GOOD);
        Files.setPosixFilePermissions(home.resolve("koshi.yaml"), PosixFilePermissions.fromString("rw-r-----"));
        Map<String, Object> entry = Map.of("name", "b", "count", 3);
        String planned = live.diff("b", Optional.of(entry));
        assertThat(live.putPlugin(entry)).isEqualTo(planned).contains("+  - { ");
        assertThat(live.config().plugins()).hasSize(2);
        assertThat(Files.readString(home.resolve("koshi.yaml"))).startsWith(GOOD);
        assertThat(Files.getPosixFilePermissions(home.resolve("koshi.yaml")))
                .isEqualTo(PosixFilePermissions.fromString("rw-r-----"));
        assertThat(live.removePlugin("b")).isPresent();
        assertThat(Files.readString(home.resolve("koshi.yaml"))).isEqualTo(GOOD);
        assertThat(live.removePlugin("b")).isEmpty();
        assertThat(live.config().plugins()).hasSize(1);
    }

    @Test
    void editsThroughASymbolicLink() throws Exception {
        Path real = Files.writeString(home.resolve("real.yaml"), GOOD);
        Files.createSymbolicLink(home.resolve("koshi.yaml"), real);
        LiveSettings live = new LiveSettings(file(), checks, pools);
        live.removePlugin("a");
        assertThat(Files.isSymbolicLink(home.resolve("koshi.yaml"))).isTrue();
        assertThat(Files.readString(real)).contains("plugins: []");
    }

    @Test
    void refusesToWriteWhatWouldNotLoad() throws Exception {
        LiveSettings live = start(GOOD);
        assertThatThrownBy(() -> live.putPlugin(Map.of("name", "Bad Name"))).hasMessageContaining("needs a 'name'");
        assertThatThrownBy(() -> live.putPlugin(Map.of("name", "b", "token", "${NOBODY}")))
                .hasMessageContaining("${NOBODY}");
        assertThat(Files.readString(home.resolve("koshi.yaml"))).isEqualTo(GOOD);
        write("name: [\n");
        assertThatThrownBy(() -> live.putPlugin(Map.of("name", "b"))).hasMessageContaining("koshi.yaml:2:1");
    }

    @Test
    void hidesSecretsAndWhatWasFilledIn() throws Exception {
        String canary = "canary-7f3a";
        LiveSettings live = start("""
                models: { main: { plugin: anthropic, apiKey: canary-7f3a, endpoint: "https://me:canary-7f3a@host/v1" } }
                identity: { soul: "${CANARY}" }
                plugins:
                  - { name: a, botToken: canary-7f3a, secret: { deep: [canary-7f3a] }, keystore: visible }
                """);
        assertThat(live.redacted().toString()).doesNotContain(canary).contains("visible", "https://****@host/v1");
    }

    @Test
    void followsTheFileHoweverAnEditorReplacesIt() throws Exception {
        LiveSettings live = watched();
        write(GOOD.replace("one", "two"));
        await().untilAsserted(() -> assertThat(live.config().name()).isEqualTo("two"));
        Path draft = Files.writeString(home.resolve("koshi.yaml.swp"), GOOD.replace("one", "three"));
        Files.move(draft, home.resolve("koshi.yaml"), StandardCopyOption.ATOMIC_MOVE);
        await().untilAsserted(() -> assertThat(live.config().name()).isEqualTo("three"));
        Files.delete(home.resolve("koshi.yaml"));
        await().untilAsserted(() -> assertThat(live.origin().lastGood()).isTrue());
        assertThat(live.config().name()).isEqualTo("three");
        write(GOOD);
        await().untilAsserted(() -> assertThat(live.config().name()).isEqualTo("one"));
    }

    /** P28: whatever part of a file, or what garbage, is found in its place, the last good one serves on. */
    @Test
    void survivesAThousandPartialWrites() throws Exception {
        LiveSettings live = watched();
        Random random = new Random(7);
        byte[] whole = GOOD.getBytes(StandardCharsets.UTF_8);
        Path path = home.resolve("koshi.yaml");
        for (int i = 0; i < 1000; i++) {
            byte[] part = Arrays.copyOf(whole, random.nextInt(whole.length + 1));
            if (i % 3 == 0 && part.length > 0) {
                part[random.nextInt(part.length)] = (byte) random.nextInt();
            }
            Files.write(path, part);
            try {
                live.reload();
            } catch (KoshiException bad) {
                assertThat(bad).hasMessageContaining("koshi.yaml");
            }
            assertThat(live.config()).isNotNull();
        }
        write(GOOD.replace("one", "after"));
        await().untilAsserted(() -> {
            assertThat(live.config().name()).isEqualTo("after");
            assertThat(live.origin().lastGood()).isFalse();
        });
    }

    private LiveSettings watched() throws IOException {
        LiveSettings live = start(GOOD);
        AtomicInteger runs = new AtomicInteger();
        loops.add(pools.loop("watch", new FileWatch(Set.of(home.resolve("koshi.yaml")), 20, () -> {
            try {
                live.reload();
            } catch (KoshiException bad) {
                assertThat(bad).hasMessageContaining("koshi.yaml");
            } finally {
                runs.incrementAndGet();
            }
        })));
        await().until(() -> runs.get() > 0);
        return live;
    }

    private LiveSettings start(String text) throws IOException {
        write(text);
        return new LiveSettings(file(), checks, pools);
    }

    private ConfigFile file() {
        Map<String, String> environment = Map.of("CANARY", "canary-7f3a");
        return new ConfigFile(home.resolve("koshi.yaml"), home, new RecordCodec(), environment::get, bsn -> true);
    }

    private void write(String text) throws IOException {
        Files.writeString(home.resolve("koshi.yaml"), text);
    }
}
