package io.koshi.memory.internal;

import java.text.Normalizer;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Tells whether a statement goes against others: the same words but for a "not", the same words but for some, or
 * another thing said of the same subject. It errs on the side of asking a person.
 */
final class Consistency {
    private static final Pattern NOT_A_WORD = Pattern.compile("[^\\p{L}\\p{N}\\p{M}]+");
    private static final Pattern SHORT_NOT = Pattern.compile("n['’]t\\b");
    private static final Pattern IS = Pattern.compile(
            "\\s+(?:is|are|was|were|lives in|works (?:at|for|as)|prefers|uses|on|ist|sind|est|sont|es|son|är)\\s+"
                    + "|\\s*[=:：]\\s*|是|は|在");
    private static final Set<String> NEGATIONS = Set.of(
            "not", "no", "never", "without", "nicht", "kein", "keine", "nie", "pas", "jamais", "nunca", "ei", "inte");
    private static final Set<String> SMALL = Set.of(
            "a", "an", "the", "is", "are", "was", "were", "be", "do", "does", "did", "of", "in", "on", "at", "to",
            "for", "and", "with", "s", "has", "have", "that");
    private static final double ALIKE = 0.5;

    private Consistency() {}

    /** Why a statement must wait, and what it goes against. */
    record Conflict(String reason, long against) {}

    static Optional<Conflict> conflict(String statement, List<Kept> held) {
        Said said = Said.of(statement);
        for (Kept other : held) {
            Optional<String> reason = said.against(Said.of(other.content()));
            if (reason.isPresent()) {
                return Optional.of(new Conflict(reason.get(), other.id()));
            }
        }
        return Optional.empty();
    }

    /** @param subject the words before the first "is", empty where there is none */
    private record Said(Set<String> words, boolean negated, Set<String> subject) {
        static Said of(String text) {
            String plain = SHORT_NOT
                    .matcher(Normalizer.normalize(text, Normalizer.Form.NFKC).toLowerCase(Locale.ROOT))
                    .replaceAll(" not");
            Set<String> words = words(plain);
            boolean negated = words.removeAll(NEGATIONS) | plain.matches("(?s).*[不没沒無非].*|.*ない.*");
            Matcher is = IS.matcher(plain);
            Set<String> subject = is.find() ? words(plain.substring(0, is.start())) : Set.of();
            return new Said(words, negated, subject);
        }

        Optional<String> against(Said other) {
            if (words.isEmpty() || other.words.isEmpty()) {
                return Optional.empty();
            }
            Set<String> common = new HashSet<>(words);
            common.retainAll(other.words);
            int all = words.size() + other.words.size() - common.size();
            if (common.size() >= ALIKE * all) {
                return Optional.of(
                        negated != other.negated
                                ? "it says the opposite of"
                                : "it says nearly the same, but not quite, as");
            }
            return !subject.isEmpty() && subject.equals(other.subject)
                    ? Optional.of("it says something else of the subject of")
                    : Optional.empty();
        }

        private static Set<String> words(String text) {
            Set<String> words = new HashSet<>();
            for (String word : NOT_A_WORD.split(text)) {
                if (!word.isEmpty() && Character.isIdeographic(word.codePointAt(0))) {
                    word.codePoints().forEach(c -> words.add(Character.toString(c)));
                } else if (!word.isEmpty() && !SMALL.contains(word)) {
                    words.add(stem(word));
                }
            }
            return words;
        }

        private static String stem(String word) {
            return word.length() > 3 && word.endsWith("s") ? word.substring(0, word.length() - 1) : word;
        }
    }
}
