package io.koshi.tool.internal;

import io.koshi.api.Problem;
import io.koshi.config.Config;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What the {@code tools} block says of all tools.
 *
 * @param patience how long a person has to decide
 * @param allow names of tools that run without asking under {@code allow-list}; {@code *} at the end stands for the rest
 */
record ToolSettings(Mode mode, Duration patience, List<String> allow) {
    private static final long MOST_SECONDS = 86_400;
    private static final Duration WAIT = Duration.ofSeconds(120);

    /** How a call that changes something gets to run. */
    enum Mode {
        /** A person approves each. */
        ASK,
        /** What the lists name runs, anything else is refused. */
        ALLOW_LIST,
        /** Whatever no list denies runs. */
        AUTO,
        /** Nothing that changes anything runs. */
        DENY;

        String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /** What is wrong is taken for the strictest; {@link #problems} says so before it holds. */
    static ToolSettings of(Config config) {
        return read(config.tools(), new ArrayList<>());
    }

    static List<Problem> problems(Config config) {
        List<Problem> problems = new ArrayList<>();
        read(config.tools(), problems);
        return problems;
    }

    private static ToolSettings read(Map<String, Object> block, List<Problem> problems) {
        Mode mode = Mode.ASK;
        Object word = block.getOrDefault("approval", "ask");
        boolean known = false;
        for (Mode one : Mode.values()) {
            if (one.word().equals(word)) {
                mode = one;
                known = true;
            }
        }
        if (!known) {
            problems.add(new Problem("/tools/approval", "write ask, allow-list, auto or deny"));
        }
        Duration patience = WAIT;
        Object seconds = block.getOrDefault("approvalSeconds", WAIT.toSeconds());
        if (seconds instanceof Number number && number.longValue() >= 1 && number.longValue() <= MOST_SECONDS) {
            patience = Duration.ofSeconds(number.longValue());
        } else {
            problems.add(new Problem("/tools/approvalSeconds", "write a number of seconds from 1 to " + MOST_SECONDS));
        }
        List<String> allow = new ArrayList<>();
        if (block.getOrDefault("allow", List.of()) instanceof List<?> names
                && names.stream().allMatch(name -> name instanceof String text && text.matches("[a-z0-9_]*\\*?"))) {
            names.forEach(name -> allow.add((String) name));
        } else {
            problems.add(
                    new Problem("/tools/allow", "write a list of tool names, each of a-z 0-9 _ with a * at the end"));
        }
        return new ToolSettings(mode, patience, List.copyOf(allow));
    }

    boolean allows(String tool) {
        return allow.stream()
                .anyMatch(name ->
                        name.endsWith("*") ? tool.startsWith(name.substring(0, name.length() - 1)) : tool.equals(name));
    }
}
