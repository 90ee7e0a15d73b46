package io.koshi.router.internal;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads a rule's {@code action}: one, several in a map, or a list of them. */
final class ActionReader {
    static final String DROP = "drop";
    static final String FORWARD = "forward";

    /** Every action of a complete hub, for telling a slip of the pen from a room that is missing. */
    static final List<String> WORDS = List.of(FORWARD, "spawn", "send", "reply", "task", DROP);

    private final Paths paths;
    private final Faults faults;

    ActionReader(Paths paths, Faults faults) {
        this.paths = paths;
        this.faults = faults;
    }

    List<Rule.Step> read(Object action, String at) {
        List<Rule.Step> steps = new ArrayList<>();
        if (action instanceof List<?> list && !list.isEmpty()) {
            for (int i = 0; i < list.size(); i++) {
                one(list.get(i), at + "/" + i, steps);
            }
        } else {
            one(action, at, steps);
        }
        return List.copyOf(steps);
    }

    private void one(Object action, String at, List<Rule.Step> steps) {
        if (DROP.equals(action)) {
            steps.add(new Rule.Step(DROP, Form.of(true, paths)));
        } else if (FORWARD.equals(action)) {
            steps.add(new Rule.Step(FORWARD, Form.of("main", paths)));
        } else if (action instanceof Map<?, ?> map && !map.isEmpty()) {
            map.forEach((word, argument) -> {
                String name = String.valueOf(word);
                if (name.equals(DROP) && !Boolean.TRUE.equals(argument) && !(argument instanceof String)) {
                    faults.add(at + "/drop", "write drop: true, or the reason for it as a text");
                }
                steps.add(new Rule.Step(name, Form.of(oneSpelling(name, argument), paths)));
            });
        } else {
            faults.add(at, "name an action: " + String.join(", ", WORDS));
        }
    }

    /** Older configurations say template for skill and main-agent for main. */
    private static Object oneSpelling(String name, Object argument) {
        if (name.equals(FORWARD) && "main-agent".equals(argument)) {
            return "main";
        }
        if (argument instanceof Map<?, ?> map && map.containsKey("template") && !map.containsKey("skill")) {
            Map<String, Object> renamed = new LinkedHashMap<>();
            map.forEach((key, value) -> renamed.put("template".equals(key) ? "skill" : String.valueOf(key), value));
            return renamed;
        }
        return argument;
    }
}
