package io.koshi.skill.internal;

import io.koshi.api.KoshiException;
import io.koshi.skill.Skill;
import io.koshi.skill.Skills.Made;
import io.koshi.store.Store;
import io.koshi.store.Tx;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a skill of what is asked for the third time in a month. Two requests are alike when at least 3 of their telling
 * words are the same, and these are 60 % or more of all they have together (Jaccard); nothing is guessed, so the same
 * three requests always make the same skill. Thread-safe.
 */
final class Repetition {
    static final String MADE_BY = "repetition";

    private static final Logger LOG = LoggerFactory.getLogger(Repetition.class);
    private static final int TIMES = 3;
    private static final int LEAST_WORDS = 3;
    private static final double ALIKE = 0.6;
    private static final int MAX_CHARS = 500;
    private static final int REMEMBERED = 300;
    private static final int MOST_MADE = 50;
    private static final Duration MONTH = Duration.ofDays(30);

    private final Store store;
    private final SkillRows rows;

    Repetition(Store store, SkillRows rows) {
        this.store = store;
        this.rows = rows;
    }

    private record Earlier(long n, Set<String> words, String asked) {}

    /**
     * @param taken whether a skill has this name already
     * @return the skill, where this was the third time
     */
    Optional<Made> asked(String words, Predicate<String> taken) {
        String said = words.strip();
        Set<String> telling = Wording.telling(said);
        if (said.length() > MAX_CHARS || said.startsWith("/") || telling.size() < LEAST_WORDS) {
            return Optional.empty();
        }
        Optional<Made> made = store.writeNow(tx -> remember(tx, said, telling, taken));
        made.ifPresent(skill -> {
            rows.forget();
            LOG.info(
                    "Made the skill {} of what was asked {} times; koshi skill show {}",
                    skill.skill().name(),
                    TIMES,
                    skill.skill().name());
        });
        return made;
    }

    private Optional<Made> remember(Tx tx, String said, Set<String> telling, Predicate<String> taken) {
        Instant now = Instant.now();
        tx.update("DELETE FROM skill_request WHERE at < ?", now.minus(MONTH));
        List<Earlier> alike = tx
                .query(
                        "SELECT * FROM skill_request ORDER BY n",
                        row -> new Earlier(
                                row.number("n"), Set.of(row.text("words").split(" ")), row.text("asked")))
                .stream()
                .filter(earlier -> alike(earlier.words(), telling))
                .toList();
        if (alike.size() < TIMES - 1) {
            tx.update(
                    "INSERT INTO skill_request (words, asked, at) VALUES (?, ?, ?)",
                    String.join(" ", telling),
                    said,
                    now);
            tx.update("DELETE FROM skill_request WHERE n <= (SELECT MAX(n) FROM skill_request) - " + REMEMBERED);
            return Optional.empty();
        }
        alike.forEach(earlier -> tx.update("DELETE FROM skill_request WHERE n = ?", earlier.n()));
        List<String> asked = new ArrayList<>(alike.stream().map(Earlier::asked).toList());
        asked.add(said);
        List<String> newest = List.copyOf(asked.subList(asked.size() - TIMES, asked.size()));
        return make(newest, taken)
                .filter(skill -> SkillRows.madeByItself(tx) < MOST_MADE && rows.add(tx, skill, MADE_BY))
                .map(skill -> new Made(skill, newest));
    }

    static boolean alike(Set<String> one, Set<String> other) {
        Set<String> both = new LinkedHashSet<>(one);
        both.retainAll(other);
        int all = one.size() + other.size() - both.size();
        return both.size() >= LEAST_WORDS && both.size() >= ALIKE * all;
    }

    /** Empty when no good skill can be made of them, or it would be read as an attack. */
    static Optional<Skill> make(List<String> asked, Predicate<String> taken) {
        Set<String> common = new LinkedHashSet<>(Wording.telling(asked.get(asked.size() - 1)));
        asked.forEach(one -> common.retainAll(Wording.telling(one)));
        String base = String.join(
                "-",
                common.stream()
                        .map(Wording::ascii)
                        .filter(word -> !word.isEmpty())
                        .limit(4)
                        .toList());
        String name = base.isEmpty() ? "repeated" : base.substring(0, Math.min(base.length(), 56));
        int n = 1;
        while (taken.test(n == 1 ? name : name + "-" + n)) {
            n++;
        }
        StringBuilder text = new StringBuilder("This is asked for again and again, for example:\n");
        asked.forEach(
                one -> text.append("- ").append(one.replaceAll("\\s+", " ")).append('\n'));
        text.append(
                "\nDo it the way it was done before: look in memory and in this conversation for how it went and what"
                        + " was said about it, keep to the same form, and say so when something it needs is missing."
                        + " When its owner says how it should be done, write that into this skill with update_skill.");
        try {
            return Optional.of(SkillRules.check(new Skill(
                    n == 1 ? name : name + "-" + n,
                    "Asked for repeatedly: " + shortened(asked.get(asked.size() - 1)),
                    Wording.commonPhrase(asked, common),
                    List.of(),
                    Optional.empty(),
                    text.toString(),
                    Skill.Source.DATABASE)));
        } catch (KoshiException e) {
            LOG.info("What was asked {} times makes no skill: {}", TIMES, e.getMessage());
            return Optional.empty();
        }
    }

    private static String shortened(String text) {
        String line = text.replaceAll("\\s+", " ");
        return line.length() <= 120 ? line : line.substring(0, 119) + "…";
    }
}
