package io.koshi.itests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every example on the doors' pages works as it stands, in each language it is given in. */
class DoorExamplesIT {
    private static final Pattern EXAMPLE = Pattern.compile("```(sh|python|js)\n(.*?)```", Pattern.DOTALL);
    private static final Map<String, List<String>> RUNNERS = Map.of(
            "sh", List.of("sh", "-eu"), "python", List.of("python3"), "js", List.of("node", "--input-type=module"));

    @TempDir
    static Path home;

    private static Daemon daemon;

    /** An example and where it stands. */
    record Example(String page, String language, String text) {
        @Override
        public String toString() {
            return page + " " + language;
        }
    }

    @BeforeAll
    static void start() throws IOException {
        daemon = Daemon.in(home).config("http: { port: 0 }\n").start();
    }

    @AfterAll
    static void stop() {
        daemon.close();
    }

    static List<Example> examples() throws IOException {
        List<Example> examples = new ArrayList<>();
        for (String page : List.of("rest", "mcp", "openai")) {
            String text = Files.readString(Path.of(System.getProperty("house"), "docs", "doors", page + ".md"));
            Matcher found = EXAMPLE.matcher(text);
            while (found.find()) {
                examples.add(new Example(page, found.group(1), found.group(2)));
            }
        }
        assertThat(examples).hasSize(9);
        return examples;
    }

    @ParameterizedTest
    @MethodSource("examples")
    void worksAsItStands(Example example) throws Exception {
        Path script = Files.writeString(home.resolve("example"), example.text());
        File out = home.resolve("example.out").toFile();
        ProcessBuilder builder = new ProcessBuilder(RUNNERS.get(example.language()))
                .redirectInput(script.toFile())
                .redirectErrorStream(true)
                .redirectOutput(out);
        Map<String, String> environment = builder.environment();
        environment.put("KOSHI_URL", daemon.http().toString());
        environment.put("KOSHI_TOKEN", Files.readString(home.resolve("token")).strip());
        environment.put("KOSHI_HOME", home.toString());
        Path bin = Path.of(System.getProperty("koshi.dist"), "bin").toAbsolutePath();
        environment.put("PATH", bin + File.pathSeparator + System.getenv("PATH"));

        Process process = builder.start();

        assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        String said = Files.readString(out.toPath());
        assertThat(process.exitValue()).as(said).isZero();
        assertThat(said).isNotBlank();
    }
}
