package io.koshi.skill.internal;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What words say what a request is about. */
final class Wording {
    private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{M}]+");
    private static final Set<String> EMPTY = Set.of(
            "a",
            "about",
            "again",
            "an",
            "and",
            "any",
            "are",
            "as",
            "at",
            "be",
            "by",
            "can",
            "could",
            "do",
            "for",
            "from",
            "give",
            "have",
            "hello",
            "hey",
            "hi",
            "how",
            "i",
            "in",
            "is",
            "it",
            "just",
            "let",
            "like",
            "make",
            "me",
            "my",
            "now",
            "of",
            "on",
            "or",
            "our",
            "please",
            "so",
            "some",
            "tell",
            "thanks",
            "that",
            "the",
            "then",
            "there",
            "this",
            "to",
            "today",
            "tomorrow",
            "us",
            "want",
            "we",
            "what",
            "will",
            "with",
            "would",
            "yesterday",
            "you",
            "your",
            "monday",
            "tuesday",
            "wednesday",
            "thursday",
            "friday",
            "saturday",
            "sunday");

    private Wording() {}

    /** The words that tell, in order and each once; numbers and days do not, as they change each time. */
    static Set<String> telling(String text) {
        Set<String> words = new LinkedHashSet<>();
        for (String word : words(text)) {
            if (word.length() > 1 && !EMPTY.contains(word)) {
                words.add(word);
            }
        }
        return words;
    }

    private static List<String> words(String text) {
        List<String> words = new ArrayList<>();
        Matcher found = WORD.matcher(Trigger.normal(text));
        while (found.find()) {
            words.add(found.group());
        }
        return words;
    }

    /** A word in letters a name may have. */
    static String ascii(String word) {
        return Normalizer.normalize(word, Normalizer.Form.NFD).replaceAll("[^a-z0-9]", "");
    }

    /**
     * What calls for a skill made of these requests: the longest run of words they share that tells something, else the
     * longest word they share.
     */
    static List<String> commonPhrase(List<String> asked, Set<String> common) {
        List<String> first = words(asked.get(0));
        for (int length = Math.min(first.size(), 6); length >= 2; length--) {
            for (int from = 0; from + length <= first.size(); from++) {
                List<String> run = first.subList(from, from + length);
                String phrase = String.join(" ", run);
                boolean tells = common.contains(run.get(0)) && common.contains(run.get(length - 1));
                if (tells && asked.stream().allMatch(one -> Trigger.in(Trigger.normal(one), phrase))) {
                    return List.of(phrase);
                }
            }
        }
        return common.stream()
                .sorted((a, b) -> b.length() - a.length())
                .filter(word -> word.length() >= 6)
                .limit(1)
                .toList();
    }
}
