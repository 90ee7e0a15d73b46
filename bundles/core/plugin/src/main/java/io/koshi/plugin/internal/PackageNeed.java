package io.koshi.plugin.internal;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.osgi.framework.VersionRange;
import org.osgi.framework.wiring.BundleRevision;
import org.osgi.resource.Namespace;
import org.osgi.resource.Requirement;
import org.osgi.resource.Resource;

/**
 * A package that a jar has to get from outside, as its manifest says (OSGi Core, 3.7.4 and 3.2.4); known before anything is
 * installed. Immutable.
 *
 * @param filter of the framework, by name and version
 */
record PackageNeed(String name, String filter) implements Requirement {

    /**
     * What must be there for the jar to resolve: its imports, without the optional ones and those it exports itself.
     *
     * @param imports the header Import-Package, empty for none
     * @param exports the header Export-Package, empty for none
     * @throws IllegalArgumentException when a version range is none
     */
    static List<PackageNeed> parse(String imports, String exports) {
        Set<String> own = new LinkedHashSet<>();
        for (String clause : split(exports, ',')) {
            own.addAll(names(clause));
        }
        List<PackageNeed> needs = new ArrayList<>();
        for (String clause : split(imports, ',')) {
            Map<String, String> parameters = parameters(clause);
            if ("optional".equals(parameters.get("resolution"))) {
                continue;
            }
            String version = parameters.getOrDefault("version", "0");
            for (String name : names(clause)) {
                if (!own.contains(name)) {
                    needs.add(new PackageNeed(name, filter(name, version)));
                }
            }
        }
        return List.copyOf(needs);
    }

    private static String filter(String name, String version) {
        return "(&(" + BundleRevision.PACKAGE_NAMESPACE + "=" + name + ")"
                + new VersionRange(version).toFilterString("version") + ")";
    }

    private static List<String> names(String clause) {
        return split(clause, ';').stream().filter(part -> part.indexOf('=') < 0).toList();
    }

    /** Attributes and directives alike, without their quotes. */
    private static Map<String, String> parameters(String clause) {
        Map<String, String> parameters = new LinkedHashMap<>();
        for (String part : split(clause, ';')) {
            int equals = part.indexOf('=');
            if (equals > 0) {
                String key = part.substring(0, equals).replace(":", "").strip();
                parameters.put(key, part.substring(equals + 1).strip().replace("\"", ""));
            }
        }
        return parameters;
    }

    /** The parts between separators that do not stand in quotes. */
    private static List<String> split(String text, char separator) {
        List<String> parts = new ArrayList<>();
        boolean quoted = false;
        int begin = 0;
        for (int i = 0; i <= text.length(); i++) {
            if (i == text.length() || !quoted && text.charAt(i) == separator) {
                String part = text.substring(begin, i).strip();
                if (!part.isEmpty()) {
                    parts.add(part);
                }
                begin = i + 1;
            } else if (text.charAt(i) == '"') {
                quoted = !quoted;
            }
        }
        return parts;
    }

    @Override
    public String getNamespace() {
        return BundleRevision.PACKAGE_NAMESPACE;
    }

    @Override
    public Map<String, String> getDirectives() {
        return Map.of(Namespace.REQUIREMENT_FILTER_DIRECTIVE, filter);
    }

    @Override
    public Map<String, Object> getAttributes() {
        return Map.of();
    }

    /** Null: the jar is not installed. */
    @Override
    public Resource getResource() {
        return null;
    }
}
