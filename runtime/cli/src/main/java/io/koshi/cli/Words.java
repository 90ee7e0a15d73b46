package io.koshi.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What follows a command on its line, taken one by one; what nobody took is an error. Confined to one thread. */
final class Words {
    private final String command;
    private final List<String> left;
    private final List<String> literal;

    Words(String command, List<String> words) {
        this.command = command;
        int end = words.indexOf("--");
        this.left = new ArrayList<>(end < 0 ? words : words.subList(0, end));
        this.literal = new ArrayList<>(end < 0 ? List.of() : words.subList(end + 1, words.size()));
    }

    String command() {
        return command;
    }

    /** Whether one of these options is given. */
    boolean flag(String... names) {
        return left.removeAll(Arrays.asList(names));
    }

    /** The value after an option, null when it is not given. */
    String option(String... names) {
        for (int i = 0; i < left.size(); i++) {
            for (String name : names) {
                if (left.get(i).startsWith(name + "=")) {
                    return left.remove(i).substring(name.length() + 1);
                }
                if (left.get(i).equals(name)) {
                    if (i + 1 == left.size()) {
                        throw Failure.usage(name + " needs a value; see 'koshi " + command + " --help'.");
                    }
                    left.remove(i);
                    return left.remove(i);
                }
            }
        }
        return null;
    }

    long number(long usual, String... names) {
        String value = option(names);
        try {
            return value == null ? usual : Long.parseLong(value);
        } catch (NumberFormatException e) {
            throw Failure.usage(String.join(", ", names) + " takes a whole number, not '" + value + "'.");
        }
    }

    /** The next word, null when there is none. */
    String next() {
        if (left.isEmpty()) {
            return literal.isEmpty() ? null : literal.remove(0);
        }
        if (left.get(0).startsWith("-") && left.get(0).length() > 1) {
            throw Failure.usage("There is no option " + left.get(0) + "; see 'koshi " + command + " --help'.");
        }
        return left.remove(0);
    }

    /** The next word, which must be there. */
    String next(String what) {
        String word = next();
        if (word == null) {
            throw Failure.usage("Name " + what + "; see 'koshi " + command + " --help'.");
        }
        return word;
    }

    /** All words that are left, joined by spaces; empty when there are none. */
    String text() {
        return String.join(" ", all());
    }

    List<String> all() {
        List<String> all = new ArrayList<>();
        for (String word = next(); word != null; word = next()) {
            all.add(word);
        }
        return all;
    }

    /** Refuses what is left. */
    void done() {
        String more = next();
        if (more != null) {
            throw Failure.usage("'" + more + "' is one word too many; see 'koshi " + command + " --help'.");
        }
    }
}
