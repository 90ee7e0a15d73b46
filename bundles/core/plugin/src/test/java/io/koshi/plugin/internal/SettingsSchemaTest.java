package io.koshi.plugin.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Dictionary;
import java.util.List;
import java.util.Map;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsSchemaTest {
    @TempDir
    Path home;

    @Test
    void knowsTheSettingsOfItsOwnPluginOnly() throws Exception {
        Path file = GuestJar.of("io.koshi.channel.guest").write(home.resolve("guest.jar"));
        try (JarFile jar = new JarFile(file.toFile())) {
            assertThat(SettingsSchema.read(jar, "io.koshi.channel.guest")
                            .orElseThrow()
                            .settings())
                    .containsOnlyKeys("mood", "count", "routes");
            assertThat(SettingsSchema.read(jar, "io.koshi.channel.other")).isEmpty();
        }
    }

    @Test
    void asksForWhatHasNoDefaultAndAcceptsNestedSettings() {
        SettingsSchema schema = new SettingsSchema(Map.of(
                "token", new SettingsSchema.Setting("token", "String", true),
                "open", new SettingsSchema.Setting("open", "Boolean", false),
                "tls.file", new SettingsSchema.Setting("tls.file", "String", true)));
        assertThat(schema.check("/p", Map.of("token", "x", "open", "true", "tls", Map.of("file", "y"))))
                .isEmpty();
        assertThat(schema.check("/p", Map.of("open", "maybe", "zzz", 1L)))
                .extracting(p -> p.path() + " " + p.problem())
                .containsExactlyInAnyOrder(
                        "/p/open must be true or false",
                        "/p/zzz is not a setting of this plugin; it has open, tls, token",
                        "/p needs the setting 'token'",
                        "/p needs the setting 'tls.file'");
    }

    @Test
    void handsNestedSettingsOverFlat() {
        Instance instance = Instance.ofEntry(
                Map.of(
                        "name", "guest~work",
                        "allow", List.of("a", 1L),
                        "routes", Map.of("deploy", Map.of("secret", "s")),
                        "list", List.of(Map.of("x", true))),
                "/plugins/0",
                Map.of());
        Dictionary<String, Object> flat = FlatSettings.of(instance, "channel");
        assertThat(flat.get("allow")).isEqualTo(new String[] {"a", "1"});
        assertThat(flat.get("routes.deploy.secret")).isEqualTo("s");
        assertThat(flat.get("list.0.x")).isEqualTo(true);
        assertThat(flat.get("koshi.plugin.name")).isEqualTo("guest~work");
        assertThat(flat.get("koshi.channel.name")).isEqualTo("guest~work");
        assertThat(flat.get("name")).isNull();
    }

    @Test
    void readsWhatToolsSaysOfAPluginWhereItsEntrySaysNothing() {
        Map<String, Object> tools =
                Map.of("approval", "ask", "guest", Map.of("allow", List.of("git"), "timeoutSeconds", 60L));

        Instance instance = Instance.ofEntry(Map.of("name", "guest~work", "timeoutSeconds", 5L), "/plugins/0", tools);

        assertThat(instance.settings()).isEqualTo(Map.of("allow", List.of("git"), "timeoutSeconds", 5L));
    }
}
