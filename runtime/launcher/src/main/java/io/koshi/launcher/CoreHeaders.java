package io.koshi.launcher;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.osgi.framework.Constants;

/**
 * A core bundle's headers without what says nothing where all core bundles share one class loader, which spares the
 * framework most of its reading and resolving: imports (the class path serves them; the isolated mode holds them), {@code
 * uses} directives (no package is there twice), and what only matters to a resolver that chooses bundles (services, the
 * execution environment, the extender of Declarative Services).
 */
final class CoreHeaders {
    private static final Pattern USES = Pattern.compile(";\\s*uses:=(?:\"[^\"]*\"|[^,;]*)");
    private static final Set<String> REQUIRED_ELSEWHERE = Set.of("osgi.service", "osgi.ee", "osgi.extender");
    private static final Set<String> OFFERED_ELSEWHERE = Set.of("osgi.service");

    private CoreHeaders() {}

    /** @param all a manifest's main attributes */
    static Map<String, String> of(Map<?, ?> all) {
        Map<String, String> headers = new LinkedHashMap<>();
        all.forEach((name, value) -> {
            String kept = kept(name.toString(), value.toString());
            if (!kept.isEmpty()) {
                headers.put(name.toString(), kept);
            }
        });
        return headers;
    }

    private static String kept(String name, String value) {
        return switch (name) {
            case Constants.IMPORT_PACKAGE -> "";
            case Constants.EXPORT_PACKAGE -> USES.matcher(value).replaceAll("");
            case Constants.PROVIDE_CAPABILITY ->
                USES.matcher(without(value, OFFERED_ELSEWHERE)).replaceAll("");
            case Constants.REQUIRE_CAPABILITY -> without(value, REQUIRED_ELSEWHERE);
            default -> value;
        };
    }

    private static String without(String value, Set<String> namespaces) {
        return String.join(
                ",",
                clauses(value).stream()
                        .filter(clause -> !namespaces.contains(clause.split(";", 2)[0].strip()))
                        .toList());
    }

    /** What stands between the commas, those in quotes left alone. */
    private static List<String> clauses(String value) {
        List<String> clauses = new ArrayList<>();
        boolean quoted = false;
        int begin = 0;
        for (int at = 0; at < value.length(); at++) {
            char c = value.charAt(at);
            if (c == '"') {
                quoted = !quoted;
            } else if (c == ',' && !quoted) {
                clauses.add(value.substring(begin, at));
                begin = at + 1;
            }
        }
        clauses.add(value.substring(begin));
        return clauses;
    }
}
