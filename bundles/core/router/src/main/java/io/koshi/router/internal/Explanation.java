package io.koshi.router.internal;

import io.koshi.api.Entry;
import io.koshi.rpc.Doc;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Why a message takes the rule it takes. */
public record Explanation(
        @Doc("The rule that is taken: its name, #n, or default.")
        String rule,

        @Doc("What it does, with its blanks filled in from the message.")
        List<Map<String, Object>> actions,

        @Doc("The rules before it, and why each does not match.")
        List<Missed> missed) {
    private static final int MAX_SEEN = 200;

    /** A rule that did not match. */
    public record Missed(
            @Doc("The rule.") String rule,
            @Doc("The first condition that does not hold.") String path,
            @Doc("What it asks for.") String expected,

            @Doc("What the message has there; left out when nothing is.")
            Optional<Object> seen) {}

    /** Tries the rules one after the other, without the index. */
    static Explanation of(RuleTable table, Entry entry) {
        Subject subject = table.subject(entry.message(), entry.acceptedAt());
        List<Missed> missed = new ArrayList<>();
        for (Rule rule : table.rules()) {
            Optional<Condition.Miss> miss = rule.match().miss(subject);
            if (miss.isEmpty()) {
                return new Explanation(rule.label(), filled(rule, subject, entry), missed);
            }
            missed.add(new Missed(
                    rule.label(),
                    miss.get().path(),
                    miss.get().expected(),
                    miss.get().seen().map(Explanation::brief)));
        }
        return new Explanation(table.otherwise().label(), filled(table.otherwise(), subject, entry), missed);
    }

    private static List<Map<String, Object>> filled(Rule rule, Subject subject, Entry entry) {
        List<Map<String, Object>> actions = new ArrayList<>();
        for (Rule.Step step : rule.steps()) {
            Map<String, Object> action = new LinkedHashMap<>();
            action.put(step.action(), step.argument().fill(subject, entry, 1));
            actions.add(action);
        }
        return actions;
    }

    private static Object brief(Object seen) {
        if (seen instanceof Number || seen instanceof Boolean) {
            return seen;
        }
        String text = String.valueOf(seen);
        return text.length() > MAX_SEEN ? text.substring(0, MAX_SEEN) + "…" : text;
    }
}
