package io.koshi.service.exec;

import io.koshi.config.Properties;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Who may run what: the lists for all, and those of skills. Immutable. */
final class Lists {
    /** Null where a skill has no list of its own. */
    private record Pair(List<Rule> allow, List<Rule> deny) {}

    private final Pair all;
    private final Map<String, Pair> skills = new HashMap<>();

    Lists(ExecSettings settings, Map<String, Object> properties) {
        this.all = new Pair(rules(settings.allow(), "/allow"), rules(settings.deny(), "/deny"));
        Properties.tree(properties, "skills").forEach((name, said) -> {
            Map<?, ?> lists = said instanceof Map<?, ?> map ? map : Map.of();
            skills.put(
                    name,
                    new Pair(
                            list(lists.get("allow"), "/skills/" + name + "/allow"),
                            list(lists.get("deny"), "/skills/" + name + "/deny")));
        });
    }

    private static List<Rule> list(Object said, String path) {
        if (said == null) {
            return null;
        }
        return rules(said instanceof String[] several ? several : new String[] {String.valueOf(said)}, path);
    }

    private static List<Rule> rules(String[] texts, String path) {
        return Arrays.stream(texts).map(text -> Rule.parse(text, path)).toList();
    }

    boolean denied(Optional<String> skill, List<String> argv) {
        Stream<Rule> own = of(skill).map(Pair::deny).stream().flatMap(List::stream);
        return Stream.concat(all.deny().stream(), own).anyMatch(rule -> rule.denies(argv));
    }

    boolean allowed(Optional<String> skill, List<String> argv) {
        return of(skill).map(Pair::allow).orElse(all.allow()).stream().anyMatch(rule -> rule.allows(argv));
    }

    private Optional<Pair> of(Optional<String> skill) {
        return skill.map(skills::get);
    }
}
