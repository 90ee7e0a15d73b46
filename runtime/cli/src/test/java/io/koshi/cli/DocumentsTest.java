package io.koshi.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every command that a document names is one, with the words and flags it is shown with. */
class DocumentsTest {
    private static final Path HOUSE = Path.of("../..");
    private static final Pattern INLINE = Pattern.compile("`(?:\\./)?koshi ([^`]+)`");
    private static final Pattern LINE = Pattern.compile("(?m)^(?:\\$ )?(?:\\./)?koshi ([^\\n#]+)");
    private static final Pattern CELL = Pattern.compile("`([a-z][^`]*)`");
    private static final Pattern FLAG = Pattern.compile("(?<![\\w-])--?[a-z][a-z-]*");
    private static final Set<String> EVERYWHERE =
            Set.of("--home", "--json", "--help", "--no-start", "-f", "-n", "-c", "-o", "--");

    /** @param words as they stand behind {@code koshi} */
    private record Named(Path document, String words) {
        @Override
        public String toString() {
            return document + ": koshi " + words;
        }
    }

    private static List<Path> documents() throws IOException {
        List<Path> documents = new ArrayList<>(List.of(HOUSE.resolve("README.md"), HOUSE.resolve("CONTRIBUTING.md")));
        try (Stream<Path> files = Files.walk(HOUSE.resolve("docs"))) {
            files.filter(file -> file.toString().endsWith(".md"))
                    .filter(file -> !file.toString().contains("/adr/")) // a record of its day
                    .forEach(documents::add);
        }
        return documents;
    }

    private static List<Named> named(Path document, String text, Pattern pattern) {
        List<Named> named = new ArrayList<>();
        for (Matcher found = pattern.matcher(text); found.find(); ) {
            named.add(new Named(document, found.group(1).strip()));
        }
        return named;
    }

    private static List<Named> all() throws IOException {
        List<Named> all = new ArrayList<>();
        for (Path document : documents()) {
            String text = Files.readString(document);
            all.addAll(named(document, text, INLINE));
            all.addAll(named(document, text, LINE));
        }
        Path cli = HOUSE.resolve("docs/cli.md");
        String table = Files.readAllLines(cli).stream()
                .filter(line -> line.startsWith("| "))
                .collect(Collectors.joining("\n"));
        named(cli, table, CELL).stream()
                .filter(named -> !named.words().startsWith("koshi "))
                .forEach(all::add);
        return all;
    }

    private static String wrong(Named named) {
        String[] words = named.words().replace("\\|", "|").split("[ \\[]+");
        int at = words[0].equals("daemon") && words.length > 1 ? 1 : 0;
        for (String command : words[at].split("\\|")) {
            if (!command.matches("[a-z-]+") || command.equals("help")) {
                continue; // a word that stands for any
            }
            Help.Page page = Help.pages().stream()
                    .filter(each -> each.name().equals(command))
                    .findFirst()
                    .orElse(null);
            if (page == null) {
                return named + " - there is no such command";
            }
            String shown = page.usage() + "\n" + page.summary() + "\n" + String.join("\n", page.text());
            if (words.length > at + 1 && page.usage().matches("\\S+ (?:\\[?[a-z]+\\|).*")) {
                for (String word : words[at + 1].replace("]", "").split("\\|")) {
                    if (word.matches("[a-z]+") && !shown.matches("(?s).*\\b" + word + "\\b.*")) {
                        return named + " - '" + command + "' has no '" + word + "'";
                    }
                }
            }
            for (Matcher flags = FLAG.matcher(named.words()); flags.find(); ) {
                if (!EVERYWHERE.contains(flags.group()) && !shown.contains(flags.group())) {
                    return named + " - 'koshi " + command + " --help' does not know " + flags.group();
                }
            }
        }
        return null;
    }

    @Test
    void everyCommandInADocumentExistsAsItIsShown() throws Exception {
        List<Named> all = all();

        assertThat(all).hasSizeGreaterThan(60);
        assertThat(all.stream().map(DocumentsTest::wrong).filter(each -> each != null))
                .isEmpty();
    }

    @Test
    void findsWhatDoesNotExist() {
        assertThat(wrong(new Named(HOUSE, "frobnicate"))).contains("no such command");
        assertThat(wrong(new Named(HOUSE, "status --frob"))).contains("--frob");
        assertThat(wrong(new Named(HOUSE, "session shred x"))).contains("'shred'");
    }
}
