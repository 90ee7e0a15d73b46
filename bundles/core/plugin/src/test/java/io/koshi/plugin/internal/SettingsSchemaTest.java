package io.koshi.plugin.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.koshi.api.Problem;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Dictionary;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsSchemaTest {
    @TempDir
    Path home;

    @Test
    void knowsTheSettingsOfItsOwnPluginOnly() throws Exception {
        Path file = GuestJar.of("io.koshi.channel.guest").write(home.resolve("guest.jar"));
        try (JarFile jar = new JarFile(file.toFile())) {
            assertThat(DeclaredSettings.read(jar, "io.koshi.channel.guest")
                            .schema()
                            .orElseThrow()
                            .settings())
                    .containsOnlyKeys("mood", "count", "routes");
            assertThat(DeclaredSettings.read(jar, "io.koshi.channel.other").schema())
                    .isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    <AD id="a" type="String" required="false"/>                          | false
                    <AD id="a" type="String"/>                                           | true
                    <AD id="a" type="String" default="x"/>                               | false
                    <m:AD id="a" type="String" description="a > b" required="false"/>    | false
                    <AD id="a" type="String" description=' required="false"'/>           | true
                    <!-- required="false" --><AD id="a" type="String"/>                  | true
                    """)
    void asksForWhatMayNotBeLeftOutThoughNothingIsGiven(String attribute, boolean asks) throws Exception {
        Path file = home.resolve("declared.jar");
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(file))) {
            out.putNextEntry(new JarEntry("OSGI-INF/metatype/x.xml"));
            out.write(("<m:MetaData xmlns:m='http://www.osgi.org/xmlns/metatype/v1.2.0'><OCD id='o'>"
                            + attribute.strip()
                            + "</OCD><Designate pid='p'><Object ocdref='o'/></Designate></m:MetaData>")
                    .getBytes(StandardCharsets.UTF_8));
        }
        try (JarFile jar = new JarFile(file.toFile())) {
            DeclaredSettings declared = DeclaredSettings.read(jar, "p");
            assertThat(declared.problems("/p", Map.of())).hasSize(asks ? 1 : 0);
            assertThat(declared.problems("/p", Map.of("b", 1L)))
                    .extracting(Problem::path)
                    .contains("/p/b");
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
