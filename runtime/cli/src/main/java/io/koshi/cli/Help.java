package io.koshi.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/** What the commands are for; read from help.txt only when a person asks. */
final class Help {
    private Help() {}

    /**
     * A command's page of help.txt.
     *
     * @param usage the line after {@code koshi}
     * @param summary what it is for
     * @param text the rest, lines as they stand
     */
    record Page(String name, String usage, String summary, List<String> text) {}

    /** {@code koshi help [COMMAND]}, {@code koshi COMMAND --help}, and {@code koshi} alone, which is a usage error. */
    static int print(List<String> words, boolean asked, PrintStream out, PrintStream err) {
        List<String> rest = new ArrayList<>(words);
        boolean wanted = asked | rest.remove("help");
        rest.remove("daemon");
        if (rest.isEmpty()) {
            (wanted ? out : err).print(overview());
            return wanted ? 0 : Failure.USAGE;
        }
        Page page = pages().stream()
                .filter(p -> p.name().equals(rest.get(0)))
                .findFirst()
                .orElseThrow(() -> unknown(rest.get(0)));
        out.println("Usage: koshi " + page.usage());
        out.println();
        out.println(page.summary());
        page.text().forEach(out::println);
        return 0;
    }

    static Failure unknown(String command) {
        if (command.startsWith("-")) {
            return Failure.usage("There is no option " + command + " before a command; see 'koshi help'.");
        }
        String nearest = "";
        int best = 3;
        for (Page page : pages()) {
            int distance = distance(command, page.name());
            if (distance < best) {
                best = distance;
                nearest = "; did you mean 'koshi " + page.name() + "'?";
            }
        }
        return Failure.usage(
                "There is no command '" + command + "'" + (nearest.isEmpty() ? "; 'koshi help' lists them." : nearest));
    }

    static List<Page> pages() {
        List<Page> pages = new ArrayList<>();
        try (InputStream in = Help.class.getResourceAsStream("help.txt");
                BufferedReader lines = new BufferedReader(new InputStreamReader(in, UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("= ")) {
                    String usage = line.substring(2);
                    pages.add(new Page(usage.split(" ")[0], usage, lines.readLine(), new ArrayList<>()));
                } else if (!pages.isEmpty()) {
                    pages.get(pages.size() - 1).text().add(line);
                }
            }
        } catch (IOException e) {
            throw Failure.failed("The help is missing from this installation: " + e.getMessage());
        }
        return pages;
    }

    private static String overview() {
        StringBuilder out = new StringBuilder("Usage: koshi [--home DIR] [--json] [--no-start] COMMAND …\n\n");
        for (Page page : pages()) {
            out.append(String.format("  %-11s %s%n", page.name(), page.summary()));
        }
        out.append("\n'koshi COMMAND --help' says more. --home is where the hub keeps everything (KOSHI_HOME, else\n");
        out.append("~/.koshi), --json prints payloads as they come, --no-start never starts the hub.\n");
        out.append("Exit codes: 0 done, 1 failed, 2 usage, 3 daemon not running, 4 refused.\n");
        return out.toString();
    }

    /** Levenshtein's. */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int above = row[j];
                row[j] = Math.min(
                        Math.min(row[j], row[j - 1]) + 1, diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1));
                diagonal = above;
            }
        }
        return row[b.length()];
    }
}
