package io.koshi.router.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Holds our matcher against java.util.regex where both know the syntax, and against time where that one does not end. */
final class RegexTest {
    private static final String[] ATOMS = {
        "a",
        "b",
        "ab",
        ".",
        "[ab]",
        "[^a]",
        "\\d",
        "\\w",
        "\\bb",
        "^",
        "\\z",
        "(a|b)",
        "(?:ab|c)",
        "()",
        "(|a)",
        "(?i:B)",
        "\\.",
        "é",
        "[é-ü]",
        "\\p{Lu}"
    };
    private static final String[] REPEATS = {"", "", "", "*", "+", "?", "{2}", "{1,2}", "{0,}", "*?"};
    private static final String ALPHABET = "aabbcAB.1 é\n\uD83D\uDE00";

    @Test
    void findsWhatJavaFinds() {
        Random random = new Random(7);
        int found = 0;
        for (int round = 0; round < 20_000; round++) {
            String source = pattern(random, 0);
            String text = text(random);
            boolean expected = Pattern.compile(source, Pattern.UNICODE_CHARACTER_CLASS)
                    .matcher(text)
                    .find();
            found += expected ? 1 : 0;
            assertThat(Regex.of(source).find(text))
                    .as("%s in '%s'", source, text)
                    .isEqualTo(expected);
        }
        assertThat(found).isBetween(4_000, 18_000);
    }

    private static String pattern(Random random, int depth) {
        StringBuilder source = new StringBuilder();
        for (int i = 0; i <= random.nextInt(4); i++) {
            String atom = depth < 2 && random.nextInt(6) == 0
                    ? "(" + pattern(random, depth + 1) + ")"
                    : ATOMS[random.nextInt(ATOMS.length)];
            boolean place = atom.equals("^") || atom.equals("\\z");
            source.append(atom).append(place ? "" : REPEATS[random.nextInt(REPEATS.length)]);
            if (random.nextInt(8) == 0) {
                source.append('|');
            }
        }
        return source.toString();
    }

    private static String text(Random random) {
        StringBuilder text = new StringBuilder();
        int[] letters = ALPHABET.codePoints().toArray();
        for (int i = 0; i < random.nextInt(12); i++) {
            text.appendCodePoint(letters[random.nextInt(letters.length)]);
        }
        return text.toString();
    }

    @Test
    void catastrophicPatternsCostNoMoreThanTheirLength() {
        String text = "a".repeat(20_000) + "!";
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long start = threads.getCurrentThreadCpuTime(); // not what a loaded machine lets it wait
        assertThat(Regex.of("^(a+)+$").find(text)).isFalse();
        assertThat(Regex.of("(a|a)*b").find(text)).isFalse();
        assertThat(Regex.of("(.*)(.*)(.*)(.*)(.*)[^a!]").find(text)).isFalse();
        assertThat(Regex.of("(?:|)".repeat(150) + "b").find("")).isFalse();
        assertThat(Regex.of("(x+x+)+y").find("x".repeat(20_000))).isFalse();
        assertThat(Regex.of("a.{400}b").find(text)).isFalse();
        assertThat((threads.getCurrentThreadCpuTime() - start) / 1_000_000)
                .as("ms")
                .isLessThan(10_000);
    }

    @Test
    void flagsAndLinesAreKnown() {
        assertThat(Regex.of("(?i)deploy").find("please DEPLOY")).isTrue();
        assertThat(Regex.of("(?m)^fix$").find("a\nfix\nb")).isTrue();
        assertThat(Regex.of("^fix$").find("a\nfix\nb")).isFalse();
        assertThat(Regex.of("(?s)a.b").find("a\nb")).isTrue();
        assertThat(Regex.of("\\Qa.b\\E").find("xa.bx")).isTrue();
        assertThat(Regex.of("(?<name>a)b").find("ab")).isTrue();
    }

    @Test
    void whatCannotBeBoundedOrReadIsRefusedWithASentence() {
        for (String bad : new String[] {
            "(a)\\1",
            "(?=a)",
            "(?<!a)b",
            "(?>a)",
            "a++",
            "(",
            "a)",
            "[a",
            "*a",
            "a{2",
            "a{5,2}",
            "((a{100}){100}){100}",
            "\\",
            "\\k<n>"
        }) {
            assertThatThrownBy(() -> Regex.of(bad))
                    .as(bad)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(" ");
        }
    }
}
