package io.koshi.router.internal;

import io.koshi.api.Message;
import io.koshi.api.Problem;
import io.koshi.config.Config;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

/** All rules of a configuration, compiled; deciding is a pure function of a message. Immutable. */
final class RuleTable {
    private static final int MAX_NAME = 100;

    private final List<Rule> rules;
    private final Rule otherwise;
    private final RuleIndex index;
    private final int paths;
    private final List<Problem> problems;

    private RuleTable(List<Rule> rules, Rule otherwise, RuleIndex index, int paths, List<Problem> problems) {
        this.rules = rules;
        this.otherwise = otherwise;
        this.index = index;
        this.paths = paths;
        this.problems = problems;
    }

    /** Compiles rules; a rule that is wrong is left out, and {@link #problems} says why. */
    static RuleTable compile(List<Config.RouteBlock> routes, Config.Unmatched unmatched) {
        Paths paths = new Paths();
        Faults faults = new Faults();
        List<Rule> rules = new ArrayList<>();
        Set<String> names = new HashSet<>(Set.of(Rule.DEFAULT));
        for (int i = 0; i < routes.size(); i++) {
            Config.RouteBlock route = routes.get(i);
            String at = "/routes/" + i;
            int before = faults.problems().size();
            String label = route.name().orElse("#" + (i + 1));
            if (!names.add(label) || label.isBlank() || label.length() > MAX_NAME) {
                faults.add(
                        at + "/name",
                        "give each rule a name of its own, other than 'default', of at most " + MAX_NAME
                                + " characters");
            }
            if (route.priority().filter(p -> p < 0 || p > 1000).isPresent()) {
                faults.add(at + "/priority", "a priority is 0 to 1000, lower goes first");
            }
            Rule rule = new Rule(
                    i,
                    label,
                    new MatchReader(paths, faults).block(route.match(), at + "/match", 0),
                    new ActionReader(paths, faults).read(route.action(), at + "/action"),
                    route.priority().map(OptionalInt::of).orElse(OptionalInt.empty()));
            if (faults.problems().size() == before) {
                rules.add(rule);
            }
        }
        List<Rule.Step> steps = new ActionReader(paths, faults)
                .read(
                        unmatched == Config.Unmatched.DROP
                                ? Map.of(ActionReader.DROP, "no rule matches")
                                : ActionReader.FORWARD,
                        "/default");
        Rule otherwise =
                new Rule(routes.size(), Rule.DEFAULT, new Condition.All(List.of()), steps, OptionalInt.empty());
        RuleIndex index = RuleIndex.of(rules, paths.of("event"));
        return new RuleTable(List.copyOf(rules), otherwise, index, paths.size(), faults.problems());
    }

    Subject subject(Message message, Instant at) {
        return new Subject(message, at, paths);
    }

    /** The first rule that matches, or the default. */
    Rule decide(Subject subject) {
        Rule found = index.first(subject);
        return found == null ? otherwise : found;
    }

    List<Rule> rules() {
        return rules;
    }

    Rule otherwise() {
        return otherwise;
    }

    /** What is wrong with the rules in themselves; which actions there are is not looked at. */
    List<Problem> problems() {
        return problems;
    }
}
