package io.koshi.house;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Element;

/** A bundle of the house as the build made it: its manifest, its component descriptions, its folder. */
record BuiltBundle(Path folder, Path jar, Attributes manifest, List<ComponentXml> components) {

    /** Every bundle below {@code bundles/}, by symbolic name; fails when one was not built. */
    static Map<String, BuiltBundle> all() {
        Path bundles = Path.of(System.getProperty("house"), "bundles");
        Map<String, BuiltBundle> all = new TreeMap<>();
        try (var poms = Files.walk(bundles, 3)) {
            for (Path pom : (Iterable<Path>) poms.filter(p -> p.endsWith("pom.xml"))::iterator) {
                Path folder = pom.getParent();
                if (Files.isDirectory(folder.resolve("src/main/java"))) {
                    BuiltBundle bundle = read(folder);
                    all.put(bundle.symbolicName(), bundle);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return all;
    }

    private static BuiltBundle read(Path folder) throws IOException {
        Path jar;
        try (var jars = Files.newDirectoryStream(
                folder.resolve("target"),
                file -> file.getFileName().toString().matches("io\\.koshi.*(?<!-tests)\\.jar"))) {
            jar = jars.iterator().next();
        }
        List<ComponentXml> components = new ArrayList<>();
        try (JarFile file = new JarFile(jar.toFile())) {
            for (var entry : (Iterable<java.util.jar.JarEntry>) file.stream()::iterator) {
                if (entry.getName().matches("OSGI-INF/[^/]+\\.xml")) {
                    try (InputStream xml = file.getInputStream(entry)) {
                        components.add(ComponentXml.read(xml));
                    }
                }
            }
            return new BuiltBundle(folder, jar, file.getManifest().getMainAttributes(), List.copyOf(components));
        }
    }

    String symbolicName() {
        return manifest.getValue("Bundle-SymbolicName").split(";")[0];
    }

    /** api, core, doors, channels, services, models or listeners. */
    String wing() {
        Path bundles = Path.of(System.getProperty("house"), "bundles");
        return bundles.relativize(folder).getName(0).toString();
    }

    boolean garden() {
        return List.of("channels", "services", "models", "listeners").contains(wing());
    }

    List<String> imports() {
        return packages("Import-Package");
    }

    List<String> exports() {
        return packages("Export-Package");
    }

    private List<String> packages(String header) {
        String value = manifest.getValue(header);
        if (value == null) {
            return List.of();
        }
        List<String> names = new ArrayList<>();
        // commas inside quotes belong to versions and uses
        for (String clause : value.split(",(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)")) {
            names.add(clause.split(";")[0].strip());
        }
        return names;
    }

    /** One OSGI-INF component description. */
    record ComponentXml(
            String name,
            String implementation,
            List<String> services,
            List<ReferenceXml> references,
            String configurationPolicy,
            boolean modified) {
        static ComponentXml read(InputStream xml) {
            try {
                Element root = DocumentBuilderFactory.newInstance()
                        .newDocumentBuilder()
                        .parse(xml)
                        .getDocumentElement();
                List<String> services = attributes(root, "provide", "interface");
                List<ReferenceXml> references = new ArrayList<>();
                var nodes = root.getElementsByTagName("reference");
                for (int i = 0; i < nodes.getLength(); i++) {
                    Element node = (Element) nodes.item(i);
                    references.add(new ReferenceXml(
                            node.getAttribute("interface"),
                            node.getAttribute("cardinality"),
                            !node.getAttribute("field").isEmpty()));
                }
                return new ComponentXml(
                        root.getAttribute("name"),
                        attributes(root, "implementation", "class").get(0),
                        services,
                        references,
                        root.getAttribute("configuration-policy"),
                        !root.getAttribute("modified").isEmpty());
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }

        private static List<String> attributes(Element root, String tag, String attribute) {
            List<String> values = new ArrayList<>();
            var nodes = root.getElementsByTagName(tag);
            for (int i = 0; i < nodes.getLength(); i++) {
                values.add(((Element) nodes.item(i)).getAttribute(attribute));
            }
            return values;
        }
    }

    /** A component's reference; {@code field} when it is injected into a field. */
    record ReferenceXml(String service, String cardinality, boolean field) {}
}
