package io.koshi.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HeaderIndexTest {
    @TempDir
    Path lib;

    @Test
    void knowsTheHeadersOfTheJarsTheBuildSaw() throws IOException {
        Path one = jar("one.jar", Map.of("Bundle-SymbolicName", "one", "Export-Package", "a;uses:=\"b,c\";version=1"));
        Path two = jar("two.jar", Map.of("Bundle-SymbolicName", "two"));
        HeaderIndex.write(lib.resolve("index"), lib, List.of("one.jar", "two.jar"));

        HeaderIndex index = HeaderIndex.read(lib.resolve("index"));

        assertThat(index.headers(one).orElseThrow())
                .containsEntry("Bundle-SymbolicName", "one")
                .containsEntry("Export-Package", "a;version=1");
        assertThat(index.headers(two).orElseThrow()).containsEntry("Bundle-SymbolicName", "two");
    }

    @Test
    void doesNotKnowAJarThatWasReplacedOrAFileThatIsNoIndex() throws IOException {
        Path one = jar("one.jar", Map.of("Bundle-SymbolicName", "one"));
        HeaderIndex.write(lib.resolve("index"), lib, List.of("one.jar"));
        Files.write(one, new byte[1], StandardOpenOption.APPEND);
        Files.writeString(lib.resolve("other"), "what is this\nand this\n");

        assertThat(HeaderIndex.read(lib.resolve("index")).headers(one)).isEmpty();
        assertThat(HeaderIndex.read(lib.resolve("other")).headers(one)).isEmpty();
        assertThat(HeaderIndex.read(lib.resolve("none")).headers(one)).isEmpty();
    }

    @Test
    void keepsWhatDecidesAndDropsWhatOnlyWeighs() {
        Map<String, String> headers = CoreHeaders.of(Map.of(
                "Bundle-Version", "1.0",
                "Export-Package", "a.b;version=\"1.2\";uses:=\"c.d,e.f\",c.d;uses:=a;version=2",
                "Import-Package", "x;version=\"[1,2)\"",
                "Provide-Capability", "osgi.service;objectClass:List<String>=\"a,b\";uses:=a,own;own=1",
                "Require-Capability", "osgi.ee;filter:=\"(&(osgi.ee=JavaSE)(version>=17))\""));

        assertThat(headers)
                .containsEntry("Bundle-Version", "1.0")
                .containsEntry("Export-Package", "a.b;version=\"1.2\",c.d;version=2")
                .containsEntry("Provide-Capability", "own;own=1")
                .doesNotContainKeys("Import-Package", "Require-Capability");
    }

    private Path jar(String name, Map<String, String> headers) throws IOException {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().putValue("Manifest-Version", "1.0");
        headers.forEach(manifest.getMainAttributes()::putValue);
        Path jar = lib.resolve(name);
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), manifest)) {
            out.finish();
        }
        return jar;
    }
}
