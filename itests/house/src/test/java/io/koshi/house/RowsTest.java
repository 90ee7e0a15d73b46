package io.koshi.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * docs/rows.md names tests that are there: a table of promises that nobody checks would soon lie. The stories of an older
 * door went with it where it went.
 */
class RowsTest {
    private static final Path HOUSE = Path.of(System.getProperty("house"));
    private static final Pattern NAMED = Pattern.compile("\\b([A-Z]\\w*(?:Test|IT))(?:\\.([a-z]\\w+))?\\b");

    @Test
    void everyTestThatIsNamedIsThere() throws IOException {
        Map<String, String> tests = new HashMap<>();
        for (String folder : List.of("bundles", "runtime", "itests", "examples")) {
            try (var files = Files.walk(HOUSE.resolve(folder))) {
                for (Path file :
                        (Iterable<Path>) files.filter(f -> f.toString().matches(".*(Test|IT)[.]java"))::iterator) {
                    tests.put(file.getFileName().toString().replace(".java", ""), Files.readString(file));
                }
            }
        }
        String rows = Files.readString(HOUSE.resolve("docs/rows.md"));
        List<MatchResult> named = NAMED.matcher(rows).results().toList();

        TreeSet<String> missing = new TreeSet<>();
        for (MatchResult each : named) {
            String source = tests.get(each.group(1));
            boolean there = source != null && (each.group(2) == null || source.contains("void " + each.group(2) + "("));
            if (!there && !OlderSystemsTest.wentWithItsDoor(each.group(1))) {
                missing.add(each.group());
            }
        }
        assertThat(named).hasSizeGreaterThan(60);
        assertThat(missing).isEmpty();
    }
}
