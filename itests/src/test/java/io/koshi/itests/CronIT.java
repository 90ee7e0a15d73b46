package io.koshi.itests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What happens at its times on the real daemon, also when that is killed right then. */
@Timeout(300)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class CronIT {
    private static final int STEP = 2;
    private static final int KEPT_RUNS = 50;

    @TempDir
    static Path home;

    private static Daemon daemon;

    @BeforeAll
    static void start() throws Exception {
        daemon = Daemon.in(home).config("""
                http: { port: 0 }
                cron:
                  - { name: tick, schedule: "*/2 * * * * *", missed: all, concurrency: allow, task: { title: tick } }
                """).start();
    }

    @AfterAll
    static void stop() throws Exception {
        daemon.close();
    }

    @Test
    @Order(1)
    void everySlotMakesOneTaskHoweverOftenTheDaemonIsKilled() throws Exception {
        await().until(() -> !tasks(daemon).isEmpty());
        for (int i = 0; i < 3; i++) {
            toTheNextSlot();
            daemon.kill();
            daemon.restart();
        }
        await().until(() -> tasks(daemon).size() >= 5);

        Set<String> before = taskIds(tasks(daemon));
        Set<Instant> slots = new HashSet<>();
        Set<String> made = new HashSet<>();
        for (JsonNode run : runs(daemon, "tick")) {
            assertThat(slots.add(Instant.parse(run.path("slot").asText()))).isTrue();
            assertThat(made.add(run.path("taskId").asText())).isTrue();
        }
        Instant first = slots.stream().min(Instant::compareTo).orElseThrow();
        Instant last = slots.stream().max(Instant::compareTo).orElseThrow();
        assertThat(slots).as("no slot is left out").hasSize((int) ChronoUnit.SECONDS.between(first, last) / STEP + 1);
        assertThat(taskIds(tasks(daemon))).as("no slot without its task").containsAll(made);
        assertThat(slots.size() == KEPT_RUNS || made.containsAll(before))
                .as("no task without its slot")
                .isTrue();
    }

    private static JsonNode tasks(Daemon daemon) throws Exception {
        return daemon.call("task.list", Map.of("limit", 1000)).path("tasks");
    }

    private static Set<String> taskIds(JsonNode tasks) {
        Set<String> ids = new HashSet<>();
        tasks.forEach(task -> ids.add(task.path("taskId").asText()));
        return ids;
    }

    /** Returns within some milliseconds of a slot, before or after it. */
    private static void toTheNextSlot() {
        long next = (Instant.now().getEpochSecond() / STEP + 1) * STEP * 1000 - 3;
        await().pollInterval(Duration.ofMillis(1)).until(() -> System.currentTimeMillis() >= next);
    }

    @Test
    @Order(2)
    void aPersonIsRemindedInTheConversationAndTheAgentWorksAtItsTime() throws Exception {
        try (EventLog events = EventLog.of(daemon, "cron.*", "console.reply")) {
            assertThat(chat("/remind in 2 seconds to water the plants").out()).contains("I will remind you at");
            assertThat(chat("/remind some day").out()).contains("/remind in 10 minutes TEXT");
            events.await("console.reply", reply -> reply.toString().contains("Reminder: water the plants"));

            assertThat(koshi("cron", "add", "lookup", "* * * * * *", "look", "around")
                            .exit())
                    .isZero();
            await().until(() -> runs(daemon, "lookup").stream()
                    .anyMatch(run -> run.path("status").asText().equals("done")));
            events.await(
                    "cron.trigger",
                    trigger -> trigger.path("name").asText().equals("lookup")
                            && trigger.hasNonNull("taskId")
                            && trigger.hasNonNull("sessionKey"));
            assertThat(koshi("cron", "list").out()).contains("lookup", "* * * * * *", "active");
            assertThat(koshi("cron", "remove", "lookup").out()).contains("is off");

            Cli.Result never = koshi("cron", "add", "never", "0 0 30 2 *", "x");
            assertThat(never.exit()).isEqualTo(1);
            assertThat(never.err()).contains("column 5", "never comes");
            assertThat(koshi("cron", "add", "x", "@daily", "--timezone", "Europe/Helsinky", "y")
                            .err())
                    .contains("did you mean Europe/Helsinki?");
            assertThat(koshi("cron", "next", "30 2 29 3 *", "--timezone", "Europe/Berlin", "-n", "1")
                            .out())
                    .isNotBlank();
        }
    }

    private Cli.Result chat(String text) throws Exception {
        return koshi("chat", text);
    }

    private Cli.Result koshi(String... words) throws Exception {
        return Cli.run(home, words);
    }

    private static List<JsonNode> runs(Daemon daemon, String job) throws Exception {
        List<JsonNode> runs = new ArrayList<>();
        daemon.call("cron.get", Map.of("id", job)).path("runs").forEach(runs::add);
        return runs;
    }
}
