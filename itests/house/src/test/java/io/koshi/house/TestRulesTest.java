package io.koshi.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What keeps a test green on two busy cores: it waits for conditions, and nothing that it must itself be in time for. */
class TestRulesTest {
    private static final Path HOUSE = Path.of(System.getProperty("house"));
    private static final List<String> ROOTS = List.of("bundles", "runtime", "itests", "examples");

    /** A test has this long at the least for whatever it must be in time for, in seconds. */
    private static final long PATIENCE_S = 10;

    private static final Pattern SLEEP = Pattern.compile("\\bThread\\.sleep\\(|\\bTimeUnit\\.\\w+\\.sleep\\(");

    /** The kit gives a minute; who asks for much less waits for a clock, not for a condition. */
    private static final Pattern SHORT_AWAIT =
            Pattern.compile("\\.atMost\\(\\s*(?:java\\.time\\.)?Duration\\.of(Millis|Seconds)\\((\\d[\\d_]*)\\)");

    private static final Pattern SHORT_WAIT = Pattern.compile(
            "(?<![!\\w.])[\\w.()]+\\.(?:await|get|poll|waitFor)\\((\\d+), (?:[\\w.]*\\.)?SECONDS\\)"); // a ! paces a
    // loop

    private static final Pattern STATEMENT = Pattern.compile("assertThat\\([^;]*nanoTime\\(\\)[^;]*;");
    private static final Pattern BOUND = Pattern.compile(
            "(?:isLessThan(?:OrEqualTo)?\\(|isBetween\\([^;]*, )(?:Duration\\.of(Millis|Seconds)\\()?(\\d[\\d_]*)");

    private static final Pattern OWN_COPY =
            Pattern.compile("implements [^{]*\\b(?:Pools|Settings)\\b[^{]*\\{|new (?:Pools|Settings)\\(\\)");

    @Test
    void noTestSleeps() {
        assertThat(found(SLEEP, any -> true)).isEmpty();
    }

    @Test
    void waitsAreNoShorterThanABusyMachineNeeds() {
        List<String> hasty = found(SHORT_AWAIT, match -> seconds(match.group(1), match.group(2)) < PATIENCE_S);
        hasty.addAll(found(SHORT_WAIT, match -> Long.parseLong(match.group(1)) < PATIENCE_S));
        assertThat(hasty)
                .as("leave the limit out: the kit gives every await() a minute")
                .isEmpty();
    }

    @Test
    void noTestFailsBecauseTheMachineWasBusy() {
        List<String> hasty = found(
                STATEMENT,
                statement -> BOUND.matcher(statement.group())
                        .results()
                        .anyMatch(bound -> seconds(bound.group(1), bound.group(2)) < PATIENCE_S));
        assertThat(hasty).as("bounds on elapsed time").isEmpty();
    }

    /** Threads and settings of a test are in {@code itests/kit}, a real store and codec in {@code itests/rooms}. */
    @Test
    void whatTheKitHasIsNotWrittenAgain() {
        List<String> copies = new ArrayList<>(found(OWN_COPY, any -> true));
        List<String> kit = Stream.of("itests/kit/src/main", "itests/rooms/src/main")
                .flatMap(root -> files(HOUSE.resolve(root)).stream())
                .map(file -> file.getFileName().toString())
                .filter(name -> !name.equals("package-info.java"))
                .toList();
        assertThat(kit).contains("TestPools.java", "Room.java");
        tests().stream()
                .filter(file -> kit.contains(file.getFileName().toString())
                        && !text(file).contains("io.koshi.testkit"))
                .forEach(file -> copies.add(HOUSE.relativize(file).toString()));
        assertThat(copies).isEmpty();
    }

    @Test
    void theRulesSeeWhatTheyForbid() {
        assertThat(SLEEP.matcher("Thread.sleep(5)").find()).isTrue();
        assertThat(SHORT_AWAIT
                        .matcher("await().atMost(Duration.ofSeconds(5)).until")
                        .find())
                .isTrue();
        assertThat(SHORT_WAIT.matcher("latch.await(5, TimeUnit.SECONDS)").find())
                .isTrue();
        MatchResult statement = STATEMENT
                .matcher("assertThat(Duration.ofNanos(System.nanoTime() - t)).isLessThan(Duration.ofSeconds(2));")
                .results()
                .findFirst()
                .orElseThrow();
        MatchResult bound =
                BOUND.matcher(statement.group()).results().findFirst().orElseThrow();
        assertThat(seconds(bound.group(1), bound.group(2))).isEqualTo(2);
        assertThat(OWN_COPY.matcher("final class X implements Pools, AutoCloseable {")
                        .find())
                .isTrue();
    }

    /** A bare number beside a clock is of milliseconds. */
    private static long seconds(String unit, String number) {
        long value = Long.parseLong(number.replace("_", ""));
        return "Seconds".equals(unit) ? value : value / 1000;
    }

    private static List<String> found(Pattern pattern, Predicate<MatchResult> counts) {
        List<String> found = new ArrayList<>();
        for (Path file : tests()) {
            String text = text(file);
            pattern.matcher(text)
                    .results()
                    .filter(counts)
                    .forEach(match -> found.add(HOUSE.relativize(file) + ":"
                            + text.substring(0, match.start()).lines().count() + ": " + match.group()));
        }
        return found;
    }

    /** Sources of tests and of what they share; this one has the forbidden in its own examples. */
    private static List<Path> tests() {
        return ROOTS.stream()
                .flatMap(root -> files(HOUSE.resolve(root)).stream())
                .filter(file -> file.toString().contains("/src/test/")
                        || HOUSE.relativize(file).startsWith("itests/fixtures"))
                .filter(file -> !file.endsWith("TestRulesTest.java"))
                .toList();
    }

    private static List<Path> files(Path root) {
        try (Stream<Path> all = Files.walk(root)) {
            return all.filter(file -> file.toString().endsWith(".java")
                            && !file.toString().contains("/target/"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
