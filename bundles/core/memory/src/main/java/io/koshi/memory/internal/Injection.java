package io.koshi.memory.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Takes out of a text what would command a model that reads it later. */
final class Injection {
    /** A name for the log and the pattern; each is linear in the length of the text. */
    private record Trick(String name, Pattern pattern) {
        static Trick of(String name, String regex) {
            return new Trick(name, Pattern.compile("(?i)" + regex));
        }
    }

    private static final String OLD = "(?:previous|prior|above|earlier|preceding|existing)";
    private static final String ORDERS = "(?:instructions?|prompts?|rules?|directions?|guidelines?|messages?)";

    private static final List<Trick> TRICKS = List.of(
            Trick.of("ignore", "\\bignore\\s+(?:all\\s+)?(?:(?:of\\s+)?(?:the|your|my)\\s+)?" + OLD + "\\s+" + ORDERS),
            Trick.of(
                    "disregard",
                    "\\bdisregard\\s+(?:all\\s+)?(?:(?:the|your|any)\\s+)?" + OLD + "(?:\\s+" + ORDERS + ")?"),
            Trick.of(
                    "forget",
                    "\\bforget\\s+(?:everything|all)\\s+(?:you(?:'ve| have)?\\s+\\w+|above|before)|\\bforget\\s+"
                            + "(?:all\\s+)?(?:your|" + OLD + ")\\s+" + ORDERS),
            Trick.of("override", "\\boverride\\s+(?:the\\s+|your\\s+)?(?:system|safety|security)\\s+\\w+"),
            Trick.of("new-instructions", "\\b(?:new|updated|real|actual)\\s+(?:system\\s+)?instructions?\\s*:"),
            Trick.of("you-are-now", "\\byou\\s+are\\s+(?:now|no\\s+longer)\\s+(?:an?\\s+)?(?:\\w+\\s?){1,4}"),
            Trick.of("pretend", "\\b(?:pretend|act)\\s+(?:to\\s+be|as\\s+if\\s+you|as\\s+though\\s+you)\\b"),
            Trick.of(
                    "reveal",
                    "\\b(?:reveal|show|print|repeat|output)\\s+(?:me\\s+)?(?:your|the)\\s+(?:system|hidden|initial)\\s+"
                            + "(?:prompts?|instructions?|messages?)"),
            Trick.of("role-line", "(?m)^\\s{0,8}(?:system|assistant|developer)\\s{0,4}:"),
            Trick.of("role-tag", "</?\\s{0,4}(?:system|assistant|user|instructions?|tool_result|tool_use)\\s{0,4}>"),
            Trick.of(
                    "chat-token",
                    "<\\|[a-z_]{1,24}\\|>|\\[/?INST\\]|<</?SYS>>|###\\s{0,4}(?:system|instruction)s?\\b:?"),
            Trick.of("jailbreak", "\\b(?:jailbreak|DAN\\s+mode|developer\\s+mode\\s+(?:on|enabled))\\b"));

    /** @param stripped the names of what was taken out, empty for a harmless text */
    record Cleaned(String text, List<String> stripped) {}

    private Injection() {}

    static Cleaned clean(String text) {
        List<String> stripped = new ArrayList<>();
        String left = text;
        for (Trick trick : TRICKS) {
            Matcher matcher = trick.pattern().matcher(left);
            if (matcher.find()) {
                stripped.add(trick.name());
                left = matcher.replaceAll(" ");
            }
        }
        return new Cleaned(
                stripped.isEmpty()
                        ? text.strip()
                        : left.replaceAll("[ \\t]{2,}", " ").strip(),
                stripped);
    }
}
