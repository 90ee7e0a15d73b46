package io.koshi.router.internal;

import io.koshi.api.Message;
import io.koshi.api.Part;
import io.koshi.api.Trust;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a trusted person says to the hub itself: {@code /approve 7Q2M} is the action of that name, before any rule. What
 * anyone else says, and a word no room knows, is a message like others. Thread-safe.
 */
final class Commands {
    private static final int MAX_WORD = 32;

    private final ActionTable actions;

    Commands(ActionTable actions) {
        this.actions = actions;
    }

    Optional<Rule> rule(Message message) {
        if (message.trust() != Trust.HIGH
                || message.parts().isEmpty()
                || !(message.parts().get(0) instanceof Part.Text first)
                || !first.text().startsWith("/")) {
            return Optional.empty();
        }
        String text = message.text();
        int end = 1;
        while (end < text.length() && end <= MAX_WORD && !Character.isWhitespace(text.charAt(end))) {
            end++;
        }
        String word = text.substring(0, end).toLowerCase(Locale.ROOT);
        if (actions.find(word).isEmpty()) {
            return Optional.empty();
        }
        Rule.Step step = new Rule.Step(word, Form.literal(text.substring(end).strip()));
        return Optional.of(new Rule(-1, word, new Condition.All(List.of()), List.of(step), OptionalInt.empty()));
    }
}
