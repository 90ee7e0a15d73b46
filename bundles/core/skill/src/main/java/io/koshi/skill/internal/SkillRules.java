package io.koshi.skill.internal;

import io.koshi.api.KoshiException;
import io.koshi.skill.Skill;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** What a skill must be before a model is given it. */
final class SkillRules {
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,63}");
    private static final Pattern TOOL = Pattern.compile("[a-z0-9_]{1,64}");
    private static final int MAX_DESCRIPTION = 300;
    private static final int MAX_TRIGGERS = 30;
    private static final int MAX_TRIGGER = 80;
    private static final int MAX_TOOLS = 64;

    /** Words that stand in half of all messages and call for nothing. */
    private static final Set<String> BANNED = Set.of(
            "a", "about", "all", "also", "an", "and", "any", "are", "as", "at", "be", "but", "by", "can", "could",
            "did", "do", "does", "for", "from", "get", "go", "good", "had", "has", "have", "he", "hello", "help", "her",
            "hey", "hi", "him", "his", "how", "i", "if", "in", "is", "it", "its", "just", "know", "like", "make", "may",
            "me", "my", "need", "new", "no", "not", "now", "of", "ok", "okay", "on", "one", "or", "our", "out",
            "please", "say", "see", "she", "so", "some", "tell", "thank", "thanks", "that", "the", "their", "them",
            "then", "there", "they", "this", "to", "up", "us", "use", "want", "was", "we", "well", "were", "what",
            "when", "where", "which", "who", "why", "will", "with", "would", "yes", "you", "your");

    /** Phrases by which a text takes the place of its reader's orders; a skill is read as the hub's own words. */
    private static final List<Pattern> INJECTIONS = List.of(
            phrase("(ignore|disregard|forget|override)\\s+(all\\s+|any\\s+|the\\s+|your\\s+|every\\s+)*"
                    + "(previous|prior|earlier|above|preceding|system|other)\\s+"
                    + "(instructions?|prompts?|rules?|messages?|directions?)"),
            phrase(
                    "(ignore|disregard|forget|override)\\s+(all\\s+)?(of\\s+)?(your|the)\\s+(instructions?|rules?|guidelines?)"),
            phrase(
                    "you\\s+are\\s+now\\s+(in\\s+)?(a\\s+|an\\s+|the\\s+)?(dan|jailbroken|unrestricted|developer\\s+mode|root)"),
            phrase(
                    "(reveal|print|show|output|repeat|leak)\\s+(me\\s+)?(your|the)\\s+(hidden\\s+)?(system\\s+prompt|instructions)"),
            phrase("new\\s+(system\\s+)?(instructions?|prompt)\\s*:"),
            phrase(
                    "(do\\s+not|don't|never)\\s+(tell|inform|mention\\s+(it|this)\\s+to|ask)\\s+(the\\s+)?(user|owner|person|human)"),
            phrase(
                    "without\\s+(the\\s+)?(user|owner|person|human)('s)?\\s+(knowing|knowledge|noticing|approval|consent)"),
            phrase("(bypass|circumvent|disable|evade)\\s+(the\\s+|all\\s+|any\\s+)*"
                    + "(approvals?|safety|security|guard\\s*rails?|restrictions?|filters?|sandbox)"),
            phrase("(send|post|upload|exfiltrate|forward)\\s+(all\\s+|the\\s+|your\\s+|any\\s+)*"
                    + "(api\\s+keys?|secrets?|tokens?|passwords?|credentials?)"),
            phrase("\\bjailbreak\\b"),
            phrase("<\\|?(im_start|im_end|system|endoftext)\\|?>"),
            phrase("\\[/?(inst|system)\\]"));

    private SkillRules() {}

    private static Pattern phrase(String regex) {
        return Pattern.compile(regex, Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE);
    }

    /**
     * The skill, with its triggers as they are compared.
     *
     * @throws KoshiException INVALID_PARAMS with what is wrong
     */
    static Skill check(Skill skill) {
        require(NAME.matcher(skill.name()).matches(), "/name", "a name is 1 to 64 of a-z 0-9 -, and begins with no -");
        require(!skill.description().isBlank(), "/description", "say in a sentence what it is for");
        require(
                skill.description().length() <= MAX_DESCRIPTION,
                "/description",
                "is longer than " + MAX_DESCRIPTION + " characters; every prompt has it");
        require(
                skill.text().length() <= SkillText.MAX_SIZE,
                "/text",
                "is longer than " + SkillText.MAX_SIZE + " characters");
        require(!skill.text().isBlank(), "/text", "say how it is done");
        require(skill.triggers().size() <= MAX_TRIGGERS, "/triggers", "at most " + MAX_TRIGGERS);
        require(skill.tools().size() <= MAX_TOOLS, "/tools", "at most " + MAX_TOOLS);
        Set<String> triggers = new HashSet<>();
        for (String trigger : skill.triggers()) {
            triggers.add(trigger(trigger));
        }
        for (String tool : skill.tools()) {
            require(
                    TOOL.matcher(tool).matches(),
                    "/tools",
                    "'" + tool + "' is no tool's name; write 1 to 64 of a-z 0-9 _");
        }
        for (String text : List.of(skill.description(), skill.text(), String.join("\n", skill.triggers()))) {
            injection(text);
        }
        return new Skill(
                skill.name(),
                skill.description().strip(),
                skill.triggers().stream().map(SkillRules::trigger).distinct().toList(),
                skill.tools(),
                skill.model(),
                skill.text().strip(),
                skill.source());
    }

    private static String trigger(String trigger) {
        String words = Trigger.normal(trigger).strip();
        require(
                words.codePointCount(0, words.length()) > 1,
                "/triggers",
                "'" + trigger + "' is too short; a trigger has 2 characters or more");
        require(words.length() <= MAX_TRIGGER, "/triggers", "a trigger has at most " + MAX_TRIGGER + " characters");
        require(
                words.codePoints().anyMatch(Character::isLetterOrDigit),
                "/triggers",
                "'" + trigger + "' has neither letter nor digit");
        require(
                !BANNED.contains(words.toLowerCase(Locale.ROOT)),
                "/triggers",
                "'" + trigger + "' stands in too many messages; choose a word or phrase of its own");
        return words;
    }

    private static void injection(String text) {
        for (Pattern pattern : INJECTIONS) {
            var found = pattern.matcher(text);
            require(
                    !found.find(),
                    "/text",
                    "reads like an attempt to take over whoever reads it; say it in other words");
        }
    }

    private static void require(boolean good, String path, String problem) {
        if (!good) {
            throw KoshiException.invalid(path, problem);
        }
    }
}
