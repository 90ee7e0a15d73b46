package io.koshi.plugin.internal;

import io.koshi.api.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a jar declares of its settings, read as XML only when there is something to hold against it: making the first
 * parser of a process costs a start more than all else about a plugin. Thread-safe.
 */
final class DeclaredSettings {
    private static final int MAX_BYTES = 1 << 20;
    private static final Pattern ATTRIBUTE = Pattern.compile("<(?:[\\w.-]+:)?AD\\b[^>]*>");
    private static final String OPTIONAL = "required=\"false\"";

    private final String pid;
    private final List<byte[]> resources;
    private volatile Optional<SettingsSchema> schema;

    private DeclaredSettings(String pid, List<byte[]> resources) {
        this.pid = pid;
        this.resources = resources;
    }

    /**
     * Of a PID, by the metatype resources of a jar.
     *
     * @throws IOException when the jar cannot be read, or a resource is no metatype as far as it was looked into
     */
    static DeclaredSettings read(JarFile jar, String pid) throws IOException {
        List<byte[]> resources = new ArrayList<>();
        boolean maySpareParser = true;
        for (JarEntry entry : jar.stream().filter(DeclaredSettings::isMetatype).toList()) {
            try (InputStream in = jar.getInputStream(entry)) {
                byte[] xml = in.readNBytes(MAX_BYTES + 1);
                if (xml.length > MAX_BYTES) {
                    throw new IOException(entry.getName() + " is larger than 1 MB");
                }
                resources.add(xml);
                maySpareParser &= asksForNothing(new String(xml, StandardCharsets.UTF_8));
            }
        }
        DeclaredSettings declared = new DeclaredSettings(pid, resources);
        if (!maySpareParser) {
            declared.schema();
        }
        return declared;
    }

    private static boolean isMetatype(JarEntry entry) {
        return entry.getName().startsWith("OSGI-INF/metatype/")
                && entry.getName().endsWith(".xml");
    }

    /** Whether each setting says that it may be left out; where that is not plain to see, no. */
    private static boolean asksForNothing(String xml) {
        if (!xml.contains("OCD") || xml.contains("<!")) {
            return false;
        }
        Matcher each = ATTRIBUTE.matcher(xml);
        while (each.find()) {
            if (!each.group().contains(OPTIONAL) || each.group().indexOf('\'') >= 0) {
                return false;
            }
        }
        return true;
    }

    /** What is wrong with an entry's settings; {@code path} is the entry's. */
    List<Problem> problems(String path, Map<String, Object> given) {
        try {
            if (given.isEmpty() && schema == null) {
                return List.of(); // nothing is asked for, or it would have been parsed
            }
            return schema().map(known -> known.check(path, given)).orElse(List.of());
        } catch (IOException e) {
            return List.of(new Problem(path, "cannot be held against what the plugin declares: " + e.getMessage()));
        }
    }

    /** The schema; empty where the jar declares none. */
    Optional<SettingsSchema> schema() throws IOException {
        Optional<SettingsSchema> known = schema;
        if (known == null) {
            known = Optional.empty();
            for (byte[] xml : resources) {
                known = SettingsSchema.parse(xml, pid);
                if (known.isPresent()) {
                    break;
                }
            }
            schema = known;
        }
        return known;
    }
}
