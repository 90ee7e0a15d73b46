package io.koshi.router.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.koshi.api.Address;
import io.koshi.api.Message;
import io.koshi.api.Part;
import io.koshi.api.Trust;
import io.koshi.config.Config;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Holds the indexed table against {@link Naive}, and says what each operator means. */
final class RuleTableTest {
    private static final ThreadMXBean CPU = ManagementFactory.getThreadMXBean();
    private static final String[] CHANNELS = {"github", "telegram", "telegram~work", "webhook"};
    private static final String[] EVENTS = {"push", "pull_request", "issues", "42"};
    private static final String[] WORDS = {"deploy", "deploy prod", "fix", "a.b", "", "deploy*"};

    @Test
    void decidesAsTheNaiveReadingOfTheRulesDoes() {
        Random random = new Random(20240711);
        int matched = 0;
        for (int round = 0; round < 400; round++) {
            List<Config.RouteBlock> routes = new ArrayList<>();
            for (int i = 0; i < 1 + random.nextInt(30); i++) {
                routes.add(route(match(random, 0)));
            }
            RuleTable table = RuleTable.compile(routes, Config.Unmatched.FORWARD);
            assertThat(table.problems()).isEmpty();
            for (int m = 0; m < 50; m++) {
                Message message = message(random);
                String expected = Naive.decide(routes, message);
                matched += expected.equals("default") ? 0 : 1;
                assertThat(decide(table, message))
                        .as("%s by %s", message, routes)
                        .isEqualTo(expected);
                assertThat(explain(table, message)).isEqualTo(expected);
            }
        }
        assertThat(matched).as("rounds that are worth something").isBetween(4_000, 19_000);
    }

    private static String decide(RuleTable table, Message message) {
        return table.decide(table.subject(message, message.at())).label();
    }

    private static String explain(RuleTable table, Message message) {
        return Explanation.of(table, new io.koshi.api.Entry("id", 1, message, message.at()))
                .rule();
    }

    private static Config.RouteBlock route(Map<String, Object> match) {
        return new Config.RouteBlock(Optional.empty(), match, Map.of("drop", true), Optional.empty());
    }

    private static Map<String, Object> match(Random random, int depth) {
        Map<String, Object> match = new LinkedHashMap<>();
        int conditions = 1 + random.nextInt(3);
        for (int i = 0; i < conditions; i++) {
            switch (random.nextInt(depth < 2 ? 9 : 6)) {
                case 0, 1 -> match.put("channel", expected(random, CHANNELS));
                case 2 -> match.put("event", expected(random, EVENTS));
                case 3 -> match.put("text", expected(random, WORDS));
                case 4 -> match.put(pick(random, "number", "priority", "list.0", "list[]"), number(random));
                case 5 ->
                    match.put(
                            pick(random, "pr.user.login", "labels[].name", "labels.0.name", "from", "trust", "none"),
                            expected(random, WORDS));
                case 6 -> match.put("any", List.of(match(random, depth + 1), match(random, depth + 1)));
                case 7 -> match.put("all", List.of(match(random, depth + 1)));
                default -> match.put("not", match(random, depth + 1));
            }
        }
        return match;
    }

    private static Object expected(Random random, String... values) {
        String value = pick(random, values);
        String other = pick(random, values);
        return switch (random.nextInt(12)) {
            case 0 -> value.isEmpty() ? "?*" : value.charAt(0) + "*";
            case 1 -> Map.of("glob", "*" + value.replace("*", "\\*"));
            case 2 ->
                Map.of("regex", pick(random, "^deploy", "e.*u", "(push|fix)$", "[a-d]\\.b", "e{1,2}", "depx?loy", "o"));
            case 3 -> List.of(value, other);
            case 4 -> Map.of("in", List.of(other, 42L));
            case 5 -> Map.of("not", value.isEmpty() ? "x" : value);
            case 6 -> Map.of("exists", random.nextBoolean());
            case 7 -> Map.of("ne", value);
            case 8 -> Map.of("not", Map.of("in", List.of(value)));
            default -> value;
        };
    }

    private static Object number(Random random) {
        long bound = random.nextInt(5);
        return switch (random.nextInt(6)) {
            case 0 -> Map.of("lt", bound);
            case 1 -> Map.of("gte", bound, "lte", bound + 1);
            case 2 -> Map.of("gt", bound + 0.5);
            case 3 -> Map.of("ne", bound);
            case 4 -> bound;
            default -> Map.of("eq", Long.toString(bound));
        };
    }

    private static Message message(Random random) {
        Map<String, Object> fields = new LinkedHashMap<>();
        if (random.nextInt(4) > 0) {
            fields.put("event", random.nextInt(9) == 0 ? 42L : pick(random, EVENTS));
        }
        fields.put(
                "number",
                random.nextInt(3) == 0
                        ? (Object) "3"
                        : random.nextInt(2) == 0 ? (Object) 2.5 : (Object) (long) random.nextInt(5));
        if (random.nextBoolean()) {
            fields.put("pr", Map.of("user", Map.of("login", pick(random, WORDS))));
        }
        if (random.nextBoolean()) {
            fields.put("labels", List.of(Map.of("name", pick(random, WORDS)), Map.of("name", pick(random, WORDS))));
        }
        if (random.nextBoolean()) {
            List<Object> list = new ArrayList<>(List.of(1L, "x", 3L));
            list.add(null);
            fields.put("list", list);
        }
        fields.put("none", null);
        return new Message(
                Address.of(pick(random, CHANNELS), "c"),
                pick(random, WORDS),
                List.of(Part.text(pick(random, WORDS))),
                fields,
                Optional.empty(),
                Instant.EPOCH,
                random.nextInt(4),
                Trust.values()[random.nextInt(3)]);
    }

    private static String pick(Random random, String... of) {
        return of[random.nextInt(of.length)];
    }

    private static boolean matches(Map<String, Object> match, Message message) {
        RuleTable table = RuleTable.compile(List.of(route(match)), Config.Unmatched.FORWARD);
        assertThat(table.problems()).isEmpty();
        return decide(table, message).equals("#1");
    }

    private static Message says(String text, Map<String, Object> fields) {
        return Message.of(Address.of("github", "acme/app"), text).withFields(fields);
    }

    @Test
    void theFirstRuleThatMatchesIsTaken() {
        RuleTable table = RuleTable.compile(
                List.of(
                        route(Map.of("channel", "slack")),
                        new Config.RouteBlock(
                                Optional.of("all github"), Map.of("channel", "git*"), "drop", Optional.empty()),
                        route(Map.of("channel", "github", "event", "push"))),
                Config.Unmatched.FORWARD);
        assertThat(decide(table, says("", Map.of("event", "push")))).isEqualTo("all github");
    }

    @Test
    void aChannelIsNamedByInstanceOrPlugin() {
        Message message = Message.of(Address.of("telegram~work", "1"), "hi");
        assertThat(matches(Map.of("channel", "telegram"), message)).isTrue();
        assertThat(matches(Map.of("channel", "telegram~work"), message)).isTrue();
        assertThat(matches(Map.of("channel", "telegram~home"), message)).isFalse();
        assertThat(matches(Map.of("channel", Map.of("not", "telegram")), message))
                .isFalse();
    }

    @Test
    void aBackslashTakesTheStarAsItIs() {
        assertThat(matches(Map.of("text", "2\\*3"), says("2*3", Map.of()))).isTrue();
        assertThat(matches(Map.of("text", "2\\*3"), says("2x3", Map.of()))).isFalse();
        assertThat(matches(Map.of("text", Map.of("eq", "2*3")), says("2*3", Map.of())))
                .isTrue();
        assertThat(matches(Map.of("text", Map.of("eq", "2*3")), says("2x3", Map.of())))
                .isFalse();
    }

    @Test
    void aFieldWithTheNameOfAPropertyIsReachedThroughFields() {
        Message message = says("words", Map.of("text", "field"));
        assertThat(matches(Map.of("text", "words"), message)).isTrue();
        assertThat(matches(Map.of("fields.text", "field"), message)).isTrue();
        assertThat(matches(Map.of("sender.login", "octo"), says("", Map.of("sender", Map.of("login", "octo")))))
                .isTrue();
    }

    @Test
    void severalOperatorsAskForOneAndTheSameElement() {
        Message message = says("", Map.of("sizes", List.of(1L, 9L)));
        assertThat(matches(Map.of("sizes[]", Map.of("gt", 2L, "lt", 8L)), message))
                .isFalse();
        assertThat(matches(Map.of("sizes[]", Map.of("gt", 2L, "lt", 10L)), message))
                .isTrue();
        assertThat(matches(Map.of("sizes[]", Map.of("not", 9L)), message)).isFalse();
    }

    @Test
    void nullAsksForNothingToBeThere() {
        Map<String, Object> match = new LinkedHashMap<>();
        match.put("assignee", null);
        assertThat(matches(match, says("", Map.of()))).isTrue();
        assertThat(matches(match, says("", Map.of("assignee", Map.of("login", "x")))))
                .isFalse();
    }

    @Test
    void aThousandRulesAreDecidedFastEnough() {
        List<Config.RouteBlock> routes = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            Map<String, Object> match = i % 20 == 7
                    ? Map.of("text", i % 40 == 7 ? Map.of("regex", "^urgent " + i + "\\b") : "ticket-" + i + "*")
                    : Map.of("channel", "ch" + i % 10, "event", "event" + i);
            routes.add(route(match));
        }
        RuleTable table = RuleTable.compile(routes, Config.Unmatched.FORWARD);
        Message[] messages = new Message[512];
        Random random = new Random(1);
        for (int i = 0; i < messages.length; i++) {
            int rule = random.nextInt(1000);
            messages[i] = Message.of(Address.of("ch" + rule % 10, "c"), "a person says something usual number " + i)
                    .withFields(Map.of("event", "event" + rule, "action", "opened"));
        }
        double perSecond = decisionsPerSecond(table, messages);
        List<Config.RouteBlock> worst = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            worst.add(route(Map.of("text", Map.of("regex", "(urgent|critical) [a-z]+ " + i + "\\b"))));
        }
        double allRegex = decisionsPerSecond(RuleTable.compile(worst, Config.Unmatched.FORWARD), messages);
        System.err.printf(
                "decisions per second: %,.0f; by 1,000 regexes of which none matches: %,.0f%n", perSecond, allRegex);
        assertThat(perSecond)
                .as("decisions per second, with room for a busy machine")
                .isGreaterThan(200_000);
    }

    /** The best of several short rounds, in time of this thread alone, as others may use the machine. */
    private static double decisionsPerSecond(RuleTable table, Message[] messages) {
        double best = 0;
        for (int round = 0; round < 30; round++) {
            long start = CPU.getCurrentThreadCpuTime();
            int decided = 0;
            while (CPU.getCurrentThreadCpuTime() - start < 50_000_000) {
                for (Message message : messages) {
                    table.decide(table.subject(message, Instant.EPOCH));
                }
                decided += messages.length;
            }
            best = Math.max(best, decided / ((CPU.getCurrentThreadCpuTime() - start) / 1e9));
        }
        return best;
    }
}
