package io.koshi.model.command;

import io.koshi.api.KoshiException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An argument vector with places to fill: {@code {model}}, {@code {session}}, {@code {tools}} and {@code {bypass}}. A word
 * that is only a place and has nothing to say goes, together with the word before it: {@code --resume {session}}. A word
 * with such a place in it goes alone: {@code --trust-tools={tools}}. {@code {bypass}} stands for any number of words and
 * takes nothing with it. There is no shell: what is filled in stays one word.
 */
record Template(List<String> words) {
    private static final Pattern PLACE = Pattern.compile("\\{([a-z]+)}");
    private static final List<String> PLACES = List.of("model", "session", "tools", "bypass");
    private static final String BYPASS = "{bypass}";

    Template {
        words = List.copyOf(words);
        for (String word : words) {
            Matcher place = PLACE.matcher(word);
            while (place.find()) {
                if (!PLACES.contains(place.group(1))) {
                    throw KoshiException.invalid(
                            "/command",
                            place.group() + " is no place to fill; there are {" + String.join("}, {", PLACES) + "}");
                }
            }
        }
        if (words.isEmpty() || words.get(0).isBlank()) {
            throw KoshiException.invalid("/command", "name a program, or one of the presets claude, codex, kiro-cli");
        }
    }

    boolean has(String place) {
        return words.stream().anyMatch(word -> word.contains("{" + place + "}"));
    }

    /**
     * The vector to run.
     *
     * @param values of the places but {@code bypass}; what is missing or empty is left out
     */
    List<String> fill(Map<String, String> values, List<String> bypass) {
        List<String> argv = new ArrayList<>();
        for (String word : words) {
            if (word.equals(BYPASS)) {
                argv.addAll(bypass);
                continue;
            }
            Matcher place = PLACE.matcher(word);
            StringBuilder filled = new StringBuilder();
            boolean empty = false;
            while (place.find()) {
                String value = values.getOrDefault(place.group(1), "");
                empty |= value.isEmpty();
                place.appendReplacement(filled, Matcher.quoteReplacement(value));
            }
            if (!empty) {
                argv.add(place.appendTail(filled).toString());
            } else if (PLACE.matcher(word).matches() && argv.size() > 1) {
                argv.remove(argv.size() - 1);
            }
        }
        return argv;
    }
}
