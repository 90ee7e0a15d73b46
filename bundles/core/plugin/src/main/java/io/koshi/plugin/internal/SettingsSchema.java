package io.koshi.plugin.internal;

import io.koshi.api.Problem;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import javax.xml.XMLConstants;
import javax.xml.parsers.ParserConfigurationException;
import javax.xml.parsers.SAXParserFactory;
import org.xml.sax.Attributes;
import org.xml.sax.SAXException;
import org.xml.sax.helpers.DefaultHandler;

/**
 * The settings a plugin understands, as its metatype resource declares them (OSGi Compendium, chapter 105). Immutable.
 *
 * @param settings by id
 */
record SettingsSchema(Map<String, Setting> settings) {
    private static final Set<String> WHOLE = Set.of("Integer", "Long", "Short", "Byte");
    private static final Set<String> FRACTION = Set.of("Double", "Float");

    /** @param required whether it has no default and may not be left out */
    record Setting(String id, String type, boolean required) {}

    /**
     * The schema for a PID in one metatype resource; empty where that says nothing of the PID.
     *
     * @throws IOException when the text is no such resource; says why
     */
    static Optional<SettingsSchema> parse(byte[] xml, String pid) throws IOException {
        Reader reader = new Reader();
        try {
            SAXParserFactory factory = SAXParserFactory.newInstance();
            factory.setNamespaceAware(true);
            factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
            factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
            factory.newSAXParser().parse(new ByteArrayInputStream(xml), reader);
        } catch (SAXException | ParserConfigurationException e) {
            throw new IOException("is not readable: " + e.getMessage(), e);
        }
        return Optional.ofNullable(reader.designates.get(pid))
                .map(reader.classes::get)
                .map(settings -> new SettingsSchema(Map.copyOf(settings)));
    }

    /** What is wrong with an entry's settings; {@code path} is the entry's. */
    List<Problem> check(String path, Map<String, Object> given) {
        List<Problem> problems = new ArrayList<>();
        given.forEach((key, value) -> {
            if (!known(key)) {
                problems.add(new Problem(path + "/" + key, unknown(key)));
            } else if (settings.containsKey(key)) {
                wrongType(settings.get(key), value)
                        .ifPresent(wrong -> problems.add(new Problem(path + "/" + key, wrong)));
            }
        });
        settings.values().stream()
                .filter(Setting::required)
                .filter(setting -> !given.containsKey(top(setting.id())))
                .map(setting -> new Problem(path, "needs the setting '" + setting.id() + "'"))
                .sorted(Comparator.comparing(Problem::problem))
                .forEach(problems::add);
        return problems;
    }

    private boolean known(String key) {
        return settings.containsKey(key) || settings.keySet().stream().anyMatch(id -> id.startsWith(key + "."));
    }

    private static String top(String id) {
        int dot = id.indexOf('.');
        return dot < 0 ? id : id.substring(0, dot);
    }

    private String unknown(String key) {
        Set<String> names =
                settings.keySet().stream().map(SettingsSchema::top).collect(Collectors.toCollection(TreeSet::new));
        return names.stream()
                .min(Comparator.comparingInt(name -> distance(name, key)))
                .filter(name -> distance(name, key) <= Math.max(2, key.length() / 3))
                .map(name -> "is not a setting of this plugin (did you mean \"" + name + "\"?)")
                .orElse("is not a setting of this plugin; it has " + String.join(", ", names));
    }

    private static Optional<String> wrongType(Setting setting, Object value) {
        if (value instanceof Iterable<?> || value instanceof Map<?, ?>) {
            return Optional.empty();
        }
        String text = String.valueOf(value);
        if (WHOLE.contains(setting.type()) && !text.matches("[-+]?\\d{1,18}")) {
            return Optional.of("must be a whole number");
        }
        if (FRACTION.contains(setting.type()) && !text.matches("[-+]?\\d+(\\.\\d+)?([eE][-+]?\\d+)?")) {
            return Optional.of("must be a number");
        }
        if (setting.type().equals("Boolean") && !text.matches("true|false")) {
            return Optional.of("must be true or false");
        }
        return Optional.empty();
    }

    /** The Levenshtein distance. */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int corner = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int next = Math.min(
                        Math.min(row[j], row[j - 1]) + 1, corner + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1));
                corner = row[j];
                row[j] = next;
            }
        }
        return row[b.length()];
    }

    /** Gathers the object classes and who uses which. Confined to one parse. */
    private static final class Reader extends DefaultHandler {
        private final Map<String, Map<String, Setting>> classes = new LinkedHashMap<>();
        private final Map<String, String> designates = new LinkedHashMap<>();
        private Map<String, Setting> current = new TreeMap<>();
        private String pid = "";

        @Override
        public void startElement(String uri, String name, String qualified, Attributes all) {
            switch (name) {
                case "OCD" -> classes.put(all.getValue("id"), current = new TreeMap<>());
                case "AD" -> setting(all);
                case "Designate" ->
                    pid = all.getValue("pid") != null ? all.getValue("pid") : all.getValue("factoryPid");
                case "Object" -> designates.put(pid, all.getValue("ocdref"));
                default -> {}
            }
        }

        private void setting(Attributes all) {
            String id = all.getValue("id");
            if (!id.startsWith("koshi.") && !id.startsWith(".")) {
                boolean required = !"false".equals(all.getValue("required")) && all.getValue("default") == null;
                current.put(id, new Setting(id, all.getValue("type"), required));
            }
        }
    }
}
