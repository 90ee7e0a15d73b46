package io.koshi.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Rule 13 of the architecture: the older systems are known in the doors that speak them, and nowhere else. */
class OlderSystemsTest {
    private static final Path HOUSE = Path.of(System.getProperty("house"));

    /** The doors that may go one day, and their stories. */
    private static final Map<String, String> DOORS =
            Map.of("ksi", "Ksi", "swarm", "Swarm", "vargos", "Vargos", "aigent", "Aigent", "tui", "OlderTerminal");

    /** Storm and siege of every door that is in the distribution, and what is held after them. */
    private static final Set<String> SHARED =
            Set.of("Held.java", "OpenHouse.java", "DoorStormIT.java", "DoorSiegeIT.java");

    /** Whoever ships, checks or fuzzes every bundle names it. */
    private static final Set<String> ALL =
            Set.of("runtime/distribution/pom.xml", "itests/house/pom.xml", "itests/fuzz/pom.xml");

    /** Names, statuses, events and error texts of theirs that no ordinary sentence has. */
    private static final Pattern THEIRS = Pattern.compile(
            "kirosu|kiro_swarm|kiroagent|swarmclient|\\bvargos\\b|\\baigent\\b|\\bksi\\b|claude_daemon"
                    + "|assistant_chunk|assistant_done|SubmitTurn|ProactiveStats|GetMemoryPeek|spawn_complete|AGENT_CONNECTION|ROUTE_TASK|SET_SHARED"
                    + "|completed_last_hour|error_rate_percent|status must be done\\|failed|retry_failed"
                    + "|value_error\\.|type_error\\.|No service handles method|agents:messages|commands:spawn",
            Pattern.CASE_INSENSITIVE);

    /** Whether a story is of an older door that is not here any more (docs/doors/README.md says how one is taken out). */
    static boolean wentWithItsDoor(String story) {
        return DOORS.entrySet().stream()
                .anyMatch(door -> story.startsWith(door.getValue())
                        && !Files.isDirectory(HOUSE.resolve("bundles/doors").resolve(door.getKey())));
    }

    @Test
    void theirWordsStandInTheirDoorsOnly() {
        List<String> found = new ArrayList<>();
        for (String root : List.of("bundles", "runtime", "bench/src", "examples")) {
            for (Path file : sources(HOUSE.resolve(root))) {
                if (!inOneOfTheDoors(file)) {
                    THEIRS.matcher(text(file))
                            .results()
                            .forEach(match -> found.add(HOUSE.relativize(file) + ": " + match.group()));
                }
            }
        }
        assertThat(found).isEmpty();
    }

    @Test
    void everyOtherStoryCanDoWithoutThem() {
        List<String> found = new ArrayList<>();
        List<Path> stories = sources(HOUSE.resolve("itests")).stream()
                .filter(file -> file.toString().endsWith(".java")) // their own clients are resources beside
                .toList();
        for (Path file : stories) {
            String name = file.getFileName().toString();
            boolean own = DOORS.values().stream().anyMatch(name::startsWith)
                    || name.equals("OlderSystemsTest.java")
                    || SHARED.contains(name)
                    || file.startsWith(HOUSE.resolve("itests/fuzz"));
            if (!own) {
                THEIRS.matcher(text(file)).results().forEach(match -> found.add(name + ": " + match.group()));
            }
        }
        assertThat(found).isEmpty();
    }

    @Test
    void nobodyBuildsOnThem() throws IOException {
        List<String> found = new ArrayList<>();
        try (Stream<Path> poms = Files.walk(HOUSE, 5)) {
            for (Path pom : poms.filter(
                            path -> path.endsWith("pom.xml") && !path.toString().contains("/target/"))
                    .toList()) {
                String module = HOUSE.relativize(pom).toString();
                for (String door : DOORS.keySet()) {
                    boolean own = module.startsWith("bundles/doors/" + door + "/");
                    if (!ALL.contains(module)
                            && !own
                            && text(pom).contains("<artifactId>io.koshi." + door + "</artifactId>")) {
                        found.add(module + ": " + door);
                    }
                }
            }
        }
        assertThat(found).isEmpty();
    }

    private static boolean inOneOfTheDoors(Path file) {
        return DOORS.keySet().stream()
                .anyMatch(door -> file.startsWith(HOUSE.resolve("bundles/doors").resolve(door)));
    }

    private static List<Path> sources(Path root) {
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> !file.toString().contains("/target/"))
                    .filter(file -> file.toString().matches(".*\\.(java|json|yaml|xml|txt|md|py|js|html|sh)"))
                    .filter(file -> !file.endsWith("pom.xml"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
