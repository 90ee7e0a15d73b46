package io.koshi.plugin.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.plugin.Plugins.Plugin;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.wiring.BundleWiring;

class PluginRoomTest {
    private static final String GUEST = "io.koshi.channel.guest";
    private static final String HEAD = "# mine\nname: koshi\nplugins: # all\n";

    @TempDir
    Path home;

    private House house;

    @AfterEach
    void end() throws Exception {
        house.close();
    }

    @Test
    void startsWhatTheFileNamesAndWhatIsAlwaysThere() throws Exception {
        ship("guest");
        ship("console");
        start("  - { name: guest, routes: { a: { b: c } } }\n  - { name: guest~work }\n");
        assertThat(house.channels()).containsOnlyKeys("guest", "guest~work", "console");
        assertThat(states()).containsEntry("guest", "active").containsEntry("guest~work", "active");
        assertThat(states()).containsEntry("offline", "failed");
    }

    @Test
    void startsTheHubWithoutAPluginThatCannotBeFound() throws Exception {
        ship("guest");
        start("  - { name: gest }\n  - { name: guest }\n");
        assertThat(house.channels()).containsOnlyKeys("guest");
        assertThat(plugin("gest").error().orElseThrow()).contains("There is no plugin 'gest'", "guest");
        assertThat(new PluginHealth(house.room).health().message().orElseThrow())
                .contains("failed");
    }

    @Test
    void addsAJarAndItsEntryAndTakesBothOutAgain() throws Exception {
        start("  - { name: other } # unrelated\n");
        String before = house.config();
        Path jar = GuestJar.of(GUEST).write(home.resolve("in/guest.jar"));
        PluginNews.Added added = house.room.add(jar.toString(), Optional.empty(), Map.of("count", 3L), "command");
        assertThat(added.sha256())
                .isEqualTo(PluginJar.sha256(jar))
                .isEqualTo(plugin("guest").sha256());
        assertThat(house.channels()).containsOnlyKeys("guest");
        assertThat(house.config()).startsWith(before).contains("- { name: guest, count: 3 }");
        assertThat(Files.readString(home.resolve("plugins.lock"))).contains("guest\t", added.sha256());
        house.room.remove("guest", "command");
        assertThat(house.channels()).isEmpty();
        assertThat(house.bundle(GUEST)).isEmpty();
        assertThat(house.config()).isEqualTo(before);
        assertThat(added()).isEmpty();
        assertThat(house.topics()).contains("plugin.added", "plugin.removed");
    }

    @Test
    void addsAJarByItsMavenCoordinates() throws Exception {
        start("");
        GuestJar.of(GUEST).write(home.resolve("cache/plugins/org/example/guest/1.0.0/guest-1.0.0.jar"));
        house.room.add("org.example:guest:1.0.0", Optional.empty(), Map.of(), "command");
        assertThat(house.channels()).containsOnlyKeys("guest");
        assertThat(Files.readString(home.resolve("plugins.lock"))).contains("guest\tguest-");
        assertThatThrownBy(() -> house.room.add("org.example:lamp:1.0.0", Optional.empty(), Map.of(), "command"))
                .hasMessageContaining("koshi.yaml names none under 'repositories'");
    }

    @Test
    void touchesOnlyWhatAReloadChanged() throws Exception {
        ship("guest");
        ship("console");
        start("  - { name: guest, count: 1 }\n  - { name: console, count: 1 }\n");
        Map<String, Long> before = house.channels();
        write("  - { name: console, count: 1 }\n  - { name: guest, count: 2 }\n");
        house.settings.reload();
        await().untilAsserted(() -> assertThat(house.channels().get("guest")).isNotEqualTo(before.get("guest")));
        assertThat(house.channels().get("console")).isEqualTo(before.get("console"));
        write("  - { name: console, count: 1 }\n");
        house.settings.reload();
        await().untilAsserted(() -> assertThat(house.bundle(GUEST)).isEmpty());
        assertThat(house.channels()).containsOnlyKeys("console");
        assertThat(house.channels().get("console")).isEqualTo(before.get("console"));
    }

    @Test
    void startsAReplacedPluginOnceHoweverLateConfigAdminTellsOfIt() throws Exception {
        ship("console"); // somebody else who is configured keeps Declarative Services listening meanwhile
        start("");
        Path one = GuestJar.of(GUEST).write(home.resolve("in/one.jar"));
        house.room.add(one.toString(), Optional.empty(), Map.of(), "command");
        Path two = GuestJar.of(GUEST).with("Bundle-Version", "1.0.1").write(home.resolve("in/two.jar"));
        house.tellLate(Duration.ofSeconds(3));

        house.room.add(two.toString(), Optional.empty(), Map.of(), "command");

        Map<String, Long> started = house.channels("service.id");
        house.awaitAllTold();
        assertThat(house.channels("service.id")).isEqualTo(started).containsKey("guest");
    }

    @Test
    void leavesEverythingAsItWasWhenAConstructorThrows() throws Exception {
        start("");
        String config = house.config();
        Path jar = GuestJar.of(GUEST).write(home.resolve("in/guest.jar"));
        assertThatThrownBy(() -> house.room.add(jar.toString(), Optional.empty(), Map.of("mood", "throws"), "command"))
                .isInstanceOf(KoshiException.class)
                .hasMessageContaining("this guest is in no mood");
        assertNothingLeft(config);
        assertThat(failed().phase()).isEqualTo("activate");
        assertThat(failed().rolledBack()).isTrue();
    }

    @Test
    void givesUpAConstructorThatHangs() throws Exception {
        write("");
        house = new House(home, Duration.ofSeconds(2));
        await().until(house.room::settled);
        String config = house.config();
        Path jar = GuestJar.of(GUEST).write(home.resolve("in/guest.jar"));
        assertThatThrownBy(() -> house.room.add(jar.toString(), Optional.empty(), Map.of("mood", "hangs"), "command"))
                .hasMessageContaining("did not start within 2 s");
        assertNothingLeft(config);
        assertThat(failed().phase()).isEqualTo("timeout");
    }

    @Test
    void bringsTheOldVersionBackWhenTheNewOneFails() throws Exception {
        start("");
        Path one = GuestJar.of(GUEST).write(home.resolve("in/one.jar"));
        house.room.add(one.toString(), Optional.empty(), Map.of(), "command");
        String config = house.config();
        List<String> jars = added();
        Path two = GuestJar.of(GUEST)
                .with("Bundle-Version", "2.0.0")
                .with("Import-Package", "io.koshi.api,org.nowhere")
                .write(home.resolve("in/two.jar"));
        assertThatThrownBy(() -> house.room.add(two.toString(), Optional.empty(), Map.of(), "command"))
                .hasMessageContaining("org.nowhere");
        assertThat(plugin("guest").version()).isEqualTo("1.0.0");
        assertThat(house.channels()).containsOnlyKeys("guest");
        assertThat(house.config()).isEqualTo(config);
        assertThat(added()).isEqualTo(jars);
        assertThat(failed().phase()).isEqualTo("resolve");
    }

    @Test
    void replacesAPluginByANewerVersionWithItsSettingsKept() throws Exception {
        start("");
        Path one = GuestJar.of(GUEST).write(home.resolve("in/one.jar"));
        house.room.add(one.toString(), Optional.empty(), Map.of("count", 3L), "command");
        String config = house.config();
        Path two = GuestJar.of(GUEST).with("Bundle-Version", "2.0.0").write(home.resolve("in/two.jar"));
        PluginNews.Added added = house.room.add(two.toString(), Optional.empty(), Map.of(), "command");
        assertThat(added.version()).isEqualTo("2.0.0");
        assertThat(plugin("guest").sha256()).isEqualTo(PluginJar.sha256(two));
        assertThat(house.config()).isEqualTo(config);
        assertThat(added()).hasSize(1);
    }

    @Test
    void refusesWhatIsNoPlugin() throws Exception {
        start("");
        Path text = Files.writeString(home.resolve("no.jar"), "no jar at all");
        assertRefused(text, "cannot be read as a jar");
        assertRefused(
                GuestJar.of(GUEST).with("Export-Package", "a,io.koshi.api").write(home.resolve("in/e.jar")), "exports");
        assertRefused(GuestJar.of(GUEST).with("Fragment-Host", "x").write(home.resolve("in/f.jar")), "fragment");
        assertRefused(GuestJar.of("some.thing").write(home.resolve("in/k.jar")), "Koshi-Plugin");
        assertRefused(GuestJar.of(GUEST).entry("../out", "x").write(home.resolve("in/s.jar")), "bad or repeated name");
        assertRefused(GuestJar.of(";").write(home.resolve("in/n.jar")), "Koshi-Plugin");
        assertRefused(GuestJar.of(GUEST).with("Koshi-Plugin", ";").write(home.resolve("in/p.jar")), "Koshi-Plugin");
        assertRefused(home, "is not a file");
        for (String nowhere : List.of(home.resolve("absent.jar").toString(), "nosuch")) {
            assertThatThrownBy(() -> house.room.add(nowhere, Optional.empty(), Map.of(), "command"))
                    .isInstanceOfSatisfying(
                            KoshiException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND))
                    .hasMessageContaining(nowhere);
        }
        assertThat(house.topics()).contains("plugin.failed").doesNotContain("plugin.added");
    }

    @Test
    void takesNameAndKindFromTheHeader() throws Exception {
        start("");
        Path jar = GuestJar.of("org.example.thing")
                .with("Koshi-Plugin", "visitor;kind=channel")
                .write(home.resolve("in/v.jar"));
        assertThat(house.room
                        .add(jar.toString(), Optional.empty(), Map.of(), "command")
                        .name())
                .isEqualTo("visitor");
        assertThat(house.channels()).containsOnlyKeys("visitor");
    }

    @Test
    void refusesToReplaceAPluginThatOthersHangOn() throws Exception {
        start("");
        Path host = GuestJar.of(GUEST)
                .with("Export-Package", "org.shared")
                .entry("org/shared/x", "")
                .write(home.resolve("in/h.jar"));
        house.room.add(host.toString(), Optional.empty(), Map.of(), "command");
        Path user = GuestJar.of("io.koshi.channel.user")
                .with("Import-Package", "io.koshi.api,org.shared")
                .write(home.resolve("in/u.jar"));
        assertThat(house.room
                        .planAdd(user.toString(), Optional.empty(), Map.of())
                        .closure())
                .containsExactly(GUEST, "io.koshi.channel.user");
        assertThatThrownBy(() -> house.room.add(user.toString(), Optional.empty(), Map.of(), "command"))
                .hasMessageContaining(GUEST);
        // past the room, as a shell can
        house.framework
                .getBundleContext()
                .installBundle(user.toUri().toString())
                .start();
        assertThatThrownBy(() -> house.room.remove("guest", "command"))
                .isInstanceOfSatisfying(
                        KoshiException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT))
                .hasMessageContaining("io.koshi.channel.user");
        assertThat(house.room.planRemove("guest").closure()).containsExactly(GUEST, "io.koshi.channel.user");
        assertThat(house.room.planRemove("guest").reason()).isPresent();
        assertThat(house.channels()).containsOnlyKeys("guest");
    }

    /** A change of the file is told late; by then another plugin may have come. */
    @Test
    void neverFollowsAnOutdatedConfiguration() throws Exception {
        start("");
        for (String name : List.of("one", "two", "three", "four", "five")) {
            Path jar = GuestJar.of("io.koshi.channel." + name).write(home.resolve("in/" + name + ".jar"));
            house.room.add(jar.toString(), Optional.empty(), Map.of(), "command");
        }
        await().untilAsserted(() -> assertThat(house.channels()).hasSize(5));
        assertThat(house.topics()).doesNotContain("plugin.removed");
    }

    @Test
    void plansWithoutChangingAnything() throws Exception {
        start("");
        String config = house.config();
        Path jar = GuestJar.of(GUEST).write(home.resolve("in/guest.jar"));
        PluginRoom.Plan plan = house.room.planAdd(jar.toString(), Optional.empty(), Map.of());
        assertThat(plan.closure()).containsExactly(GUEST);
        assertThat(plan.reason()).isEmpty();
        assertThat(plan.configDiff()).contains("+  - name: guest");
        assertNothingLeft(config);
    }

    @Test
    void holdsEntriesAgainstWhatThePluginDeclares() throws Exception {
        ship("guest");
        start("  - { name: guest }\n");
        house.checks.add(house.room::problems);
        write("  - { name: guest, cuont: 3 }\n  - { name: guest~b, count: many }\n");
        assertThatThrownBy(house.settings::reload)
                .hasMessageContaining("koshi.yaml:4:20: /plugins/0/cuont: is not a setting of this plugin"
                        + " (did you mean \"count\"?)")
                .hasMessageContaining("koshi.yaml:5:22: /plugins/1/count: must be a whole number");
    }

    @Test
    void refusesAnAddedJarThatWasChangedBehindTheLock() throws Exception {
        start("");
        Path jar = GuestJar.of(GUEST).write(home.resolve("in/guest.jar"));
        house.room.add(jar.toString(), Optional.empty(), Map.of(), "command");
        house.close();
        GuestJar.of(GUEST)
                .with("Bundle-Version", "6.6.6")
                .write(home.resolve("plugins").resolve(added().get(0)));
        house = new House(home);
        await().until(house.room::settled);
        assertThat(house.channels()).isEmpty();
        assertThat(plugin("guest").error().orElseThrow()).contains("plugins.lock");
    }

    @Test
    void followsTheDeployDirectory() throws Exception {
        start("");
        Path deploy = home.resolve("deploy");
        byte[] jar = Files.readAllBytes(GuestJar.of(GUEST).write(home.resolve("in/guest.jar")));
        Files.write(deploy.resolve("guest.jar"), Arrays.copyOf(jar, jar.length / 2));
        Files.write(deploy.resolve("guest.jar"), jar);
        await().untilAsserted(() -> assertThat(house.channels()).containsKey("guest"));
        Path two = GuestJar.of(GUEST).with("Bundle-Version", "2.0.0").write(home.resolve("in/two.jar"));
        Files.move(two, deploy.resolve("guest.jar"), StandardCopyOption.REPLACE_EXISTING);
        await().ignoreExceptions() // between the old and the new there is none
                .untilAsserted(() -> assertThat(plugin("guest").version()).isEqualTo("2.0.0"));
        Files.delete(deploy.resolve("guest.jar"));
        await().untilAsserted(() -> assertThat(house.channels()).isEmpty());
        assertThat(house.config()).doesNotContain("guest");
    }

    @Test
    void triesAJarThatEndsTheProcessThreeTimesAndNotAtEveryStart() throws Exception {
        Path jar = GuestJar.of(GUEST).write(home.resolve("deploy/guest.jar"));
        Path tried = home.resolve("cache/deploying");
        Files.createDirectories(tried.getParent());
        Files.writeString(tried, PluginJar.sha256(jar) + " 3\n"); // as three ends of the process leave it
        start("");
        GuestJar.of("io.koshi.channel.other").write(home.resolve("in/other.jar"));
        Files.move(home.resolve("in/other.jar"), home.resolve("deploy/other.jar"));
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(house.channels()).containsOnlyKeys("other"));

        Path sound = GuestJar.of(GUEST).with("Bundle-Version", "1.0.1").write(home.resolve("in/guest.jar"));
        Files.move(sound, jar, StandardCopyOption.REPLACE_EXISTING);

        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(house.channels()).containsOnlyKeys("other", "guest"));
        await().until(() -> Files.notExists(tried));
    }

    @Test
    void followsNoLinkInTheDeployDirectory() throws Exception {
        start("");
        Path deploy = home.resolve("deploy");
        Path jar = GuestJar.of(GUEST).write(home.resolve("in/guest.jar"));
        Files.createSymbolicLink(deploy.resolve("link.jar"), jar);
        Files.createDirectory(deploy.resolve("directory.jar"));
        GuestJar.of("io.koshi.channel.other").write(home.resolve("in/other.jar"));
        Files.move(home.resolve("in/other.jar"), deploy.resolve("other.jar"));
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(house.channels()).containsOnlyKeys("other"));

        Files.delete(deploy.resolve("link.jar"));
        Files.move(jar, deploy.resolve("link.jar"));

        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(house.channels()).containsOnlyKeys("other", "guest"));
        Files.delete(deploy.resolve("link.jar"));
        Files.createSymbolicLink(deploy.resolve("link.jar"), home.resolve("garden"));
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(house.channels()).containsOnlyKeys("other"));
    }

    @Test
    void keepsNoClassLoaderAndTouchesNoNeighbour() throws Exception {
        ship("console");
        start("");
        Map<String, Long> before = house.channels();
        Path one = GuestJar.of(GUEST).write(home.resolve("in/one.jar"));
        Path two = GuestJar.of(GUEST).with("Bundle-Version", "2.0.0").write(home.resolve("in/two.jar"));
        house.room.add(one.toString(), Optional.empty(), Map.of(), "command");
        WeakReference<ClassLoader> loader = new WeakReference<>(
                house.bundle(GUEST).orElseThrow().adapt(BundleWiring.class).getClassLoader());
        for (int i = 0; i < 20; i++) {
            house.room.add((i % 2 == 0 ? two : one).toString(), Optional.empty(), Map.of(), "command");
        }
        house.room.remove("guest", "command");
        assertThat(house.channels()).isEqualTo(before);
        await().untilAsserted(() -> {
            System.gc();
            assertThat(loader.get()).isNull();
        });
    }

    private void assertRefused(Path jar, String why) {
        assertThatThrownBy(() -> house.room.add(jar.toString(), Optional.empty(), Map.of(), "command"))
                .isInstanceOfSatisfying(
                        KoshiException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_PARAMS))
                .hasMessageContaining(why);
    }

    private void assertNothingLeft(String config) throws Exception {
        assertThat(house.channels()).isEmpty();
        assertThat(house.bundle(GUEST)).isEmpty();
        assertThat(house.config()).isEqualTo(config);
        assertThat(added()).isEmpty();
        assertThat(states()).doesNotContainKey("guest");
    }

    private PluginNews.Failed failed() {
        return (PluginNews.Failed) house.events.stream()
                .filter(e -> e.topic().equals("plugin.failed"))
                .filter(e -> ((PluginNews.Failed) e.payload()).name().equals("guest"))
                .findFirst()
                .orElseThrow()
                .payload();
    }

    private List<String> added() throws IOException {
        try (Stream<Path> files = Files.list(home.resolve("plugins"))) {
            return files.map(f -> f.getFileName().toString()).toList();
        }
    }

    private void ship(String name) throws IOException {
        GuestJar.of("io.koshi.channel." + name).write(home.resolve("garden/io.koshi.channel." + name + "-1.0.0.jar"));
    }

    private void start(String entries) throws Exception {
        write(entries);
        house = new House(home);
        await().until(house.room::settled);
    }

    private void write(String entries) throws IOException {
        Files.writeString(home.resolve("koshi.yaml"), entries.isEmpty() ? "# mine\nname: koshi\n" : HEAD + entries);
    }

    private Map<String, String> states() {
        return house.room.list().stream()
                .collect(Collectors.toMap(
                        p -> p.name() + p.instance().map(i -> "~" + i).orElse(""), Plugin::state));
    }

    private Plugin plugin(String name) {
        return house.room.list().stream()
                .filter(p -> p.name().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
