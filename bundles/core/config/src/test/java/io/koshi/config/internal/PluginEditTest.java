package io.koshi.config.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PluginEditTest {
    @Test
    void addsTheListWhereThereIsNone() {
        assertThat(put("name: koshi # mine\n", "github")).isEqualTo("name: koshi # mine\nplugins:\n  - name: github\n");
        assertThat(put("name: koshi", "github")).isEqualTo("name: koshi\nplugins:\n  - name: github");
        assertThat(put("{ name: koshi }", "github")).isEqualTo("{ name: koshi, plugins: [{ name: github }] }");
    }

    @Test
    void fillsAnEmptyList() {
        assertThat(put("plugins: []  # none yet\nname: x\n", "github"))
                .isEqualTo("plugins:  # none yet\n  - name: github\nname: x\n");
        assertThat(put("plugins:   # none yet\n  # - name: slack\nname: x\n", "github"))
                .isEqualTo("plugins:   # none yet\n  - name: github\n  # - name: slack\nname: x\n");
        assertThat(put("plugins: [\n  # none\n]\n", "github"))
                .contains("# none")
                .contains("github");
        assertThat(put("plugins: null\n", "github")).isEqualTo("plugins:\n  - name: github\n");
    }

    @Test
    void addsBehindTheLastEntryInItsStyle() {
        assertThat(put("plugins:\n  - { name: a } # one\n\n# rest\nname: x\n", "b"))
                .isEqualTo("plugins:\n  - { name: a } # one\n  - { name: b }\n\n# rest\nname: x\n");
        assertThat(put("plugins:\n- name: a\n  token: x # t\n  # more of a\n# none of a\nname: x\n", "b"))
                .isEqualTo("plugins:\n- name: a\n  token: x # t\n  # more of a\n- name: b\n# none of a\nname: x\n");
        assertThat(put("plugins: [{ name: a }]\n", "b")).isEqualTo("plugins: [{ name: a }, { name: b }]\n");
        assertThat(put("plugins: [\n  { name: a }, # one\n  { name: c } # three\n]\n", "b"))
                .isEqualTo("plugins: [\n  { name: a }, # one\n  { name: c }, # three\n  { name: b }\n]\n");
        assertThat(put("plugins: [\n  { name: a }, # one\n]\n", "b"))
                .isEqualTo("plugins: [\n  { name: a }, # one\n  { name: b }\n]\n");
    }

    @Test
    void writesSettingsThatEveryReaderTakesForTheSame() {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("name", "telegram~work");
        entry.put("token", "${TELEGRAM_TOKEN}");
        entry.put("mode", "on");
        entry.put("text", "say \"hi\": # \\ \n\u0007");
        entry.put("allow", List.of("12345", 7L, true));
        entry.put("routes", Map.of("deploy", Map.of("secret", "x y", "empty", Map.of())));
        String text = PluginEdit.put("plugins: []\n", entry);
        assertThat(plugins(text)).containsExactly(entry);
        assertThat(text).contains("token: \"${TELEGRAM_TOKEN}\"").contains("mode: \"on\"");
        assertThat(plugins(PluginEdit.put("plugins: [{ name: a }]\n", entry))).contains(entry);
    }

    @Test
    void changesOnlyTheSettingsThatDiffer() {
        String text = """
                plugins:
                  # our group
                  - name: a   # the name
                    token: old # the token
                    allow:
                      - x # a friend
                  - { name: b, url: y }
                """;
        Map<String, Object> entry = new LinkedHashMap<>(Map.of("name", "a", "token", "new"));
        entry.put("allow", List.of("x"));
        entry.put("extra", 1L);
        assertThat(PluginEdit.put(text, entry)).isEqualTo("""
                        plugins:
                          # our group
                          - name: a   # the name
                            token: new # the token
                            allow:
                              - x # a friend
                            extra: 1
                          - { name: b, url: y }
                        """);
        assertThat(PluginEdit.put(text, Map.of("name", "b", "url", "z"))).contains("- { name: b, url: z }");
    }

    @Test
    void takesAnEntryWithItsOwnComments() {
        String text = """
                # the file
                plugins:   # what connects
                  # people
                  - name: telegram
                    token: x # secret
                    # allow: [1]
                  # code
                  - name: github

                  # hooks
                  - name: webhook
                # the end
                name: x
                """;
        assertThat(remove(text, "telegram")).isEqualTo("""
                        # the file
                        plugins:   # what connects
                          # code
                          - name: github

                          # hooks
                          - name: webhook
                        # the end
                        name: x
                        """);
        assertThat(remove(text, "webhook")).doesNotContain("hooks").contains("# the end\nname: x");
        assertThat(remove(text, "github"))
                .contains("# people")
                .contains("# hooks")
                .doesNotContain("# code");
    }

    @Test
    void leavesAnEmptyListBehindTheLastEntry() {
        assertThat(remove("plugins: # all\n  # people\n  - name: a\n    x: y\nname: z\n", "a"))
                .isEqualTo("plugins: [] # all\nname: z\n");
        assertThat(remove("plugins: [ { name: a } ] # all\n", "a")).isEqualTo("plugins: [ ] # all\n");
        assertThat(remove("plugins:\n  - name: a", "a")).isEqualTo("plugins: []\n");
    }

    @Test
    void takesAnEntryOutOfBrackets() {
        assertThat(remove("plugins: [{ name: a }, { name: b }, { name: c }]\n", "a"))
                .isEqualTo("plugins: [{ name: b }, { name: c }]\n");
        assertThat(remove("plugins: [{ name: a }, { name: b }, { name: c }]\n", "b"))
                .isEqualTo("plugins: [{ name: a }, { name: c }]\n");
        assertThat(remove("plugins: [{ name: a }, { name: b }]\n", "b")).isEqualTo("plugins: [{ name: a }]\n");
        assertThat(remove("plugins: [\n  { name: a }, # one\n  { name: b } # two\n]\n", "b"))
                .isEqualTo("plugins: [\n  { name: a } # one\n]\n");
        assertThat(remove("plugins: [\n  { name: a }, # one\n  { name: b } # two\n]\n", "a"))
                .isEqualTo("plugins: [\n  { name: b } # two\n]\n");
    }

    @Test
    void keepsTheLineEndsOfTheFile() {
        assertThat(put("name: x\r\nplugins:\r\n  - name: a\r\n", "b"))
                .isEqualTo("name: x\r\nplugins:\r\n  - name: a\r\n  - name: b\r\n");
        assertThat(remove("plugins:\r\n  - name: a\r\n  - name: b\r\n", "a")).isEqualTo("plugins:\r\n  - name: b\r\n");
    }

    /** Any file written in these styles, edited in any order, holds what was asked for and every outer comment. */
    @Test
    void survivesManyEditsOfManyFiles() {
        for (int seed = 0; seed < 3000; seed++) {
            Random random = new Random(seed);
            String text = file(random);
            for (int step = 0; step < 6; step++) {
                String name = "p" + random.nextInt(5);
                Map<String, Object> before = data(text);
                Map<String, Object> wanted;
                String after;
                if (random.nextBoolean()) {
                    Map<String, Object> entry = entry(random, name);
                    wanted = PluginLists.with(before, name, entry);
                    after = PluginEdit.put(text, entry);
                } else {
                    wanted = PluginLists.without(before, name);
                    after = PluginEdit.remove(text, name).orElse(text);
                }
                assertThat(PluginLists.same(data(after), wanted))
                        .as("seed %d step %d%n%s%n--- became%n%s", seed, step, text, after)
                        .isTrue();
                assertThat(after).as("seed %d%n%s", seed, text).contains("# head", "# foot");
                text = after;
            }
        }
    }

    private static String file(Random random) {
        String eol = random.nextInt(4) == 0 ? "\r\n" : "\n";
        StringBuilder text = new StringBuilder("# head\nname: \"\uD83D\uDE00\"\nplugins:");
        int entries = random.nextInt(4);
        String indent = " ".repeat(random.nextInt(3));
        switch (random.nextInt(3)) {
            case 0 -> {
                text.append(entries == 0 ? " # none\n" : "\n");
                for (int i = 0; i < entries; i++) {
                    text.append(random.nextBoolean() ? indent + "# about p" + i + "\n" : "");
                    text.append(indent).append(item(random, i, indent));
                    text.append(random.nextBoolean() ? "\n" : "");
                }
            }
            case 1 -> {
                text.append(" [");
                for (int i = 0; i < entries; i++) {
                    text.append(i == 0 ? "" : ", ").append("{ name: p" + i + ", x: [1, 2] }");
                }
                text.append("] # list\n");
            }
            default -> {
                text.append(" [ # list\n");
                for (int i = 0; i < entries; i++) {
                    boolean comma = i < entries - 1 || random.nextBoolean();
                    text.append("    { name: p" + i + " }" + (comma ? "," : ""));
                    text.append(random.nextBoolean() ? " # p" + i + "\n" : "\n");
                }
                text.append("  ]\n");
            }
        }
        return text.append("# foot\nlogLevel: info\n").toString().replace("\n", eol);
    }

    private static String item(Random random, int i, String indent) {
        return switch (random.nextInt(4)) {
            case 0 -> "- { name: p" + i + ", token: \"a # b\" } # t\n";
            case 1 -> "- name: p" + i + " # n\n" + indent + "  token:\n";
            case 2 ->
                "-\n" + indent + "  list:\n" + indent + "  - a\n" + indent + "  name: p" + i + "\n" + indent
                        + "  # tail\n";
            default ->
                "- name: p" + i + "\n" + indent + "  text: |\n" + indent + "    # words\n" + indent + "    more\n";
        };
    }

    private static Map<String, Object> entry(Random random, String name) {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("name", name);
        if (random.nextBoolean()) {
            entry.put("token", "v" + random.nextInt(3));
        }
        if (random.nextBoolean()) {
            entry.put("list", new ArrayList<>(List.of("a", (long) random.nextInt(2))));
        }
        return entry;
    }

    private static String put(String text, String name) {
        return PluginEdit.put(text, Map.of("name", name));
    }

    private static String remove(String text, String name) {
        return PluginEdit.remove(text, name).orElseThrow();
    }

    private static Map<String, Object> data(String text) {
        return Document.of(YamlReader.read(text), Interpolation.NONE).data();
    }

    @SuppressWarnings("unchecked")
    private static List<Map<String, Object>> plugins(String text) {
        return (List<Map<String, Object>>) data(text).get("plugins");
    }
}
