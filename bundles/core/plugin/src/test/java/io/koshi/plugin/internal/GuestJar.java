package io.koshi.plugin.internal;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;

/** Packs the guest into a plugin's jar. */
final class GuestJar {
    private final String bsn;
    private final Map<String, String> headers = new LinkedHashMap<>();
    private final Map<String, String> extra = new LinkedHashMap<>();

    private GuestJar(String bsn) {
        this.bsn = bsn;
        headers.put("Bundle-ManifestVersion", "2");
        headers.put("Bundle-SymbolicName", bsn);
        headers.put("Bundle-Version", "1.0.0");
        headers.put("Import-Package", "io.koshi.api");
        headers.put("Service-Component", "OSGI-INF/guest.xml");
    }

    static GuestJar of(String bsn) {
        return new GuestJar(bsn);
    }

    GuestJar with(String header, String value) {
        headers.put(header, value);
        return this;
    }

    GuestJar entry(String name, String text) {
        extra.put(name, text);
        return this;
    }

    Path write(Path file) throws IOException {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        headers.forEach((name, value) -> manifest.getMainAttributes().putValue(name, value));
        Files.createDirectories(file.getParent());
        try (JarOutputStream jar = new JarOutputStream(Files.newOutputStream(file), manifest)) {
            put(jar, "OSGI-INF/guest.xml", component().getBytes(StandardCharsets.UTF_8));
            put(jar, "OSGI-INF/metatype/guest.xml", metatype().getBytes(StandardCharsets.UTF_8));
            String type = "io/koshi/plugin/guest/Guest.class";
            try (InputStream in = GuestJar.class.getClassLoader().getResourceAsStream(type)) {
                put(jar, type, in.readAllBytes());
            }
            for (Map.Entry<String, String> each : extra.entrySet()) {
                put(jar, each.getKey(), each.getValue().getBytes(StandardCharsets.UTF_8));
            }
        }
        return file;
    }

    private static void put(JarOutputStream jar, String name, byte[] bytes) throws IOException {
        jar.putNextEntry(new ZipEntry(name));
        jar.write(bytes);
        jar.closeEntry();
    }

    private String component() {
        return """
                <scr:component xmlns:scr="http://www.osgi.org/xmlns/scr/v1.4.0" name="%s"
                    configuration-policy="require" init="1">
                  <service><provide interface="io.koshi.api.Channel"/></service>
                  <implementation class="io.koshi.plugin.guest.Guest"/>
                </scr:component>
                """.formatted(bsn);
    }

    private String metatype() {
        return """
                <metatype:MetaData xmlns:metatype="http://www.osgi.org/xmlns/metatype/v1.4.0">
                  <OCD id="guest" name="guest">
                    <AD id="mood" type="String" default="good"/>
                    <AD id="count" type="Integer" required="false"/>
                    <AD id="routes" type="String" required="false"/>
                  </OCD>
                  <Designate factoryPid="%s"><Object ocdref="guest"/></Designate>
                </metatype:MetaData>
                """.formatted(bsn);
    }
}
