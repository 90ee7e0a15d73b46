package io.koshi.cron.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.koshi.agent.Agent.Ask;
import io.koshi.api.Address;
import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Trust;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CronRoomTest {
    private static final Map<String, Object> SAY = Map.of("channel", "chat", "to", "ann", "text", "Tea");

    @TempDir
    Path folder;

    private House house;

    private House house(Object... jobs) {
        house = new House(folder, House.NOON, Map.of("cron", List.of(jobs)));
        return house;
    }

    private House restarted(String time, Object... jobs) throws Exception {
        house.close();
        house = new House(folder, Instant.parse(time), Map.of("cron", List.of(jobs)));
        return house;
    }

    @AfterEach
    void close() throws Exception {
        if (house != null) {
            house.close();
        }
    }

    private static Map<String, Object> job(String name, String schedule, Object... more) {
        Map<String, Object> job = new HashMap<>(Map.of("name", name, "schedule", schedule, "timezone", "UTC"));
        for (int i = 0; i < more.length; i += 2) {
            job.put((String) more[i], more[i + 1]);
        }
        if (more.length == 0
                || !job.containsKey("task") && !job.containsKey("message") && !job.containsKey("heartbeat")) {
            job.put("notify", SAY);
        }
        return job;
    }

    private Spec spec(Map<String, Object> job) {
        return house.room.codec.fromData(job, Spec.class);
    }

    private long tasks() {
        return house.room.sqlite.read(tx -> tx.number("SELECT COUNT(*) FROM task"));
    }

    @Test
    void startsAtItsTimeAndOnlyOnce() {
        house(job("tea", "5 12 * * *"));
        house.at("2026-11-21T12:04:59Z");
        assertThat(house.said).isEmpty();
        house.at("2026-11-21T12:05:00Z");
        house.at("2026-11-21T12:05:01Z");
        assertThat(house.said).containsExactly(new House.Said(Address.of("chat", "ann"), "Tea"));
        assertThat(house.slots("tea")).containsExactly("2026-11-21T12:05:00Z DONE");
        assertThat(house.room.newest("cron.trigger"))
                .containsEntry("task", "Tea")
                .containsEntry("name", "tea")
                .containsEntry("slot", "2026-11-21T12:05:00Z");
    }

    @Test
    void lookingChangesNothing() {
        house(job("tea", "*/5 * * * *"), job("later", "every 7m"));
        Object before = house.register.list(true, 50);
        for (int i = 0; i < 20; i++) {
            assertThat(house.register.list(true, 50)).isEqualTo(before);
            house.register.show("tea", 10);
        }
        house.now = Instant.parse("2026-11-21T12:30:00Z");
        assertThat(house.register.list(true, 50)).isEqualTo(before);
        house.at("2026-11-21T12:30:00Z");
        assertThat(house.slots("tea")).contains("2026-11-21T12:30:00Z DONE");
    }

    @Test
    void aClockThatGoesBackAnHourStartsNothingTwice() {
        house(job("tea", "*/10 * * * *"));
        house.at("2026-11-21T12:10:00Z");
        house.at("2026-11-21T11:10:00Z");
        house.at("2026-11-21T11:50:00Z");
        house.at("2026-11-21T12:10:00Z");
        assertThat(house.said).hasSize(1);
        house.at("2026-11-21T12:20:00Z");
        assertThat(house.said).hasSize(2);
    }

    @Test
    void aClockThatGoesForwardAnHourFollowsThePolicy() {
        house(
                job("skip", "*/10 * * * *", "missed", "skip"),
                job("once", "*/10 * * * *", "missed", "once"),
                job("all", "*/10 * * * *", "missed", "all"));
        house.at("2026-11-21T13:05:00Z");
        assertThat(house.slots("skip")).containsExactly("2026-11-21T13:00:00Z SKIPPED");
        assertThat(house.slots("once")).containsExactly("2026-11-21T13:00:00Z DONE");
        assertThat(house.slots("all"))
                .containsExactly(
                        "2026-11-21T12:10:00Z DONE",
                        "2026-11-21T12:20:00Z DONE",
                        "2026-11-21T12:30:00Z DONE",
                        "2026-11-21T12:40:00Z DONE",
                        "2026-11-21T12:50:00Z DONE",
                        "2026-11-21T13:00:00Z DONE");
        house.at("2026-11-21T13:10:00Z");
        assertThat(house.slots("skip")).contains("2026-11-21T13:10:00Z DONE");
    }

    @Test
    void whatWasMissedWhileTheHubWasAwayIsBounded() throws Exception {
        house(job("all", "* * * * * *", "missed", "all"), job("once", "* * * * * *"));
        restarted("2027-11-21T12:00:00Z", job("all", "* * * * * *", "missed", "all"), job("once", "* * * * * *"));
        assertThat(house.said.size()).isLessThan(250);
        assertThat(house.slots("once")).contains("2027-11-21T12:00:00Z DONE");
    }

    @Test
    void aClockThatHadBeenYearsAheadIsForgotten() {
        house(job("tea", "*/10 * * * *"));
        house.at("2036-01-01T00:00:00Z");
        house.at("2026-11-21T12:01:00Z");
        house.at("2026-11-21T12:10:00Z");
        assertThat(house.slots("tea")).contains("2026-11-21T12:10:00Z DONE");
    }

    @Test
    void aOneShotThatPassedWhileTheHubWasDownFiresAtTheStart() throws Exception {
        house();
        house.register.add(spec(job("party", "at 2026-11-21T18:00")), Trust.HIGH);
        restarted("2026-11-23T09:00:00Z");
        assertThat(house.texts()).containsExactly("Tea");
        assertThat(house.register.list(true, 50).jobs().get(0).status()).isEqualTo(CronViews.State.FIRED);
        restarted("2026-11-23T09:01:00Z");
        assertThat(house.said).isEmpty();
    }

    @Test
    void makesATaskThatTheAgentDoesAndKeepsHowItEnded() {
        house(job("brief", "0 13 * * *", "task", Map.of("title", "Brief", "skill", "news", "autoRun", true)));
        house.at("2026-11-21T13:00:00Z");
        Ask ask = house.asked.values().iterator().next();
        String taskId = ask.taskId().orElseThrow();
        assertThat(ask.prompt()).isEqualTo("Use the skill news.\nBrief");
        assertThat(house.room.newest("cron.trigger"))
                .containsEntry("taskId", taskId)
                .containsEntry("sessionKey", ask.sessionKey());
        assertThat(house.slots("brief")).containsExactly("2026-11-21T13:00:00Z RUNNING");
        house.room.sqlite.writeNow(tx ->
                house.tasks.failed(tx, taskId, house.fences.get(taskId), ErrorCode.METHOD_ERROR, "no news today"));
        await().untilAsserted(() -> {
            CronViews.Listed listed = house.register.list(false, 50).jobs().get(0);
            assertThat(listed.lastRun().orElseThrow().status()).isEqualTo(CronViews.Outcome.FAILED);
            assertThat(listed.lastRun().orElseThrow().error()).contains("no news today");
            assertThat(listed.failures()).isEqualTo(1);
        });
        assertThat(new CronHealth(house.cron).health().message().orElseThrow()).contains("1 job failed");
    }

    @Test
    void aFailureIsToldWhereTheJobSays() {
        house(job(
                "brief",
                "0 13 * * *",
                "message",
                Map.of("text", "Brief me"),
                "tell",
                Map.of("channel", "chat", "to", "ops")));
        house.at("2026-11-21T13:00:00Z");
        house.complete(house.asked.keySet().iterator().next(), "", "failed");
        await().untilAsserted(() -> assertThat(house.said)
                .containsExactly(new House.Said(Address.of("chat", "ops"), "brief failed: it was failed")));
    }

    @Test
    void learnsAfterARestartHowARunEndedMeanwhile() throws Exception {
        Object job = job("brief", "0 13 * * *", "task", Map.of("title", "Brief"));
        house(job);
        house.at("2026-11-21T13:00:00Z");
        house.cron.close();
        String taskId = house.room
                .sqlite
                .read(tx -> tx.first("SELECT id FROM task", row -> row.text("id")))
                .orElseThrow();
        house.room.sqlite.writeNow(tx -> {
            long fence = house.tasks.lease(tx, taskId, "w").orElseThrow();
            return house.tasks.done(tx, taskId, fence, "done");
        });
        restarted("2026-11-21T13:01:00Z", job);
        await().untilAsserted(() -> assertThat(house.slots("brief")).containsExactly("2026-11-21T13:00:00Z DONE"));
        assertThat(tasks()).isEqualTo(1);
    }

    @Test
    void whatGoesOnIsNotStartedAgainOrWaitsOrIs() {
        house(
                job("skip", "0 * * * *", "message", Map.of("text", "a")),
                job("queue", "0 * * * *", "concurrency", "queue", "message", Map.of("text", "b")),
                job("allow", "0 * * * *", "concurrency", "allow", "message", Map.of("text", "c")));
        house.at("2026-11-21T13:00:00Z");
        house.at("2026-11-21T14:00:00Z");
        assertThat(house.slots("skip")).contains("2026-11-21T14:00:00Z SKIPPED");
        assertThat(house.slots("queue")).contains("2026-11-21T14:00:00Z QUEUED");
        assertThat(house.slots("allow")).contains("2026-11-21T14:00:00Z RUNNING");
        house.asked.forEach((run, ask) -> {
            if (ask.prompt().equals("b")) {
                house.complete(run, "", "done");
            }
        });
        await().untilAsserted(() -> assertThat(house.slots("queue"))
                .containsExactly("2026-11-21T13:00:00Z DONE", "2026-11-21T14:00:00Z RUNNING"));
    }

    @Test
    void whatCannotBeStartedIsAFailedRunAndNoDoneOne() {
        house(job("brief", "0 13 * * *", "message", Map.of("text", "a")));
        house.trouble = Optional.of(KoshiException.invalid("/model", "there is no model x"));
        house.at("2026-11-21T13:00:00Z");
        assertThat(house.slots("brief")).containsExactly("2026-11-21T13:00:00Z FAILED");
        assertThat(house.register.show("brief", 1).runs().get(0).error().orElseThrow())
                .contains("no model x");
    }

    @Test
    void whatMayWorkLaterIsTriedAgain() {
        house(job("brief", "0 13 * * *", "message", Map.of("text", "a")));
        house.trouble = Optional.of(new KoshiException(ErrorCode.SERVICE_UNAVAILABLE, "not now"));
        house.at("2026-11-21T13:00:00Z");
        assertThat(house.slots("brief")).isEmpty();
        house.trouble = Optional.empty();
        house.at("2026-11-21T13:00:02Z");
        assertThat(house.slots("brief")).containsExactly("2026-11-21T13:00:00Z RUNNING");
    }

    @Test
    void jitterIsTheSameForTheSameSlotAndSmallerThanAsked() {
        house(job("tea", "0 * * * *", "jitterMs", 600_000));
        Job job = house.cron.agenda().all().iterator().next();
        Instant slot = Instant.parse("2026-11-21T13:00:00Z");
        Instant fire = job.fireAt(slot);
        assertThat(fire).isBetween(slot, slot.plusSeconds(600)).isEqualTo(job.fireAt(slot));
        assertThat(job.fireAt(slot.plusSeconds(3600))).isNotEqualTo(fire.plusSeconds(3600));
        house.at(fire.minusMillis(1).toString());
        assertThat(house.said).isEmpty();
        house.at(fire.toString());
        assertThat(house.slots("tea")).containsExactly("2026-11-21T13:00:00Z DONE");
    }

    @Test
    void followsTheConfigurationAndKeepsThePlaceOfWhatDidNotChange() {
        house(job("a", "*/10 * * * *"), job("b", "*/10 * * * *"));
        house.at("2026-11-21T12:10:00Z");
        String id = house.register.show("a", 1).job().id();
        house.now = Instant.parse("2026-11-21T12:25:00Z");
        house.room.configure(Map.of(
                "cron", List.of(job("a", "*/10 * * * *", "description", "now with words"), job("c", "*/10 * * * *"))));
        house.at("2026-11-21T12:25:00Z");
        assertThat(house.register.show("a", 1).job().id()).isEqualTo(id);
        assertThat(house.slots("a")).contains("2026-11-21T12:20:00Z DONE");
        assertThat(house.slots("c")).isEmpty();
        assertThatThrownBy(() -> house.register.show("b", 1)).hasMessageContaining("no job b");
    }

    @Test
    void aJobThatIsRemovedWhileItRunsEndsItsRunAndNoOther() {
        house();
        house.register.add(
                spec(job("brief", "0 * * * *", "concurrency", "queue", "message", Map.of("text", "a"))), Trust.HIGH);
        house.at("2026-11-21T13:00:00Z");
        house.at("2026-11-21T14:00:00Z");
        assertThat(house.slots("brief")).containsExactly("2026-11-21T13:00:00Z RUNNING", "2026-11-21T14:00:00Z QUEUED");
        String id = house.register.remove("brief").id();
        house.complete(house.asked.keySet().iterator().next(), "done it", "done");
        await().untilAsserted(() -> assertThat(house.slots(id)).contains("2026-11-21T13:00:00Z DONE"));
        house.at("2026-11-21T15:00:00Z");
        assertThat(house.asked)
                .as("what waited and what would have come is not begun")
                .hasSize(1);
        assertThat(house.slots(id))
                .containsExactly("2026-11-21T13:00:00Z DONE", "2026-11-21T14:00:00Z SKIPPED");
    }

    @Test
    void anotherZoneIsAnotherClockFromThenOn() {
        Map<String, Object> there = job("tea", "0 15 * * *");
        there.put("timezone", "Europe/Helsinki");
        house(there);
        assertThat(house.register.show("tea", 1).job().nextAt()).contains(Instant.parse("2026-11-21T13:00:00Z"));
        Map<String, Object> elsewhere = new HashMap<>(there);
        elsewhere.put("timezone", "Asia/Tokyo");
        house.room.configure(Map.of("cron", List.of(elsewhere)));
        house.at("2026-11-21T13:00:00Z");
        assertThat(house.said).isEmpty();
        assertThat(house.register.show("tea", 1).job().nextAt()).contains(Instant.parse("2026-11-22T06:00:00Z"));
        house.at("2026-11-22T06:00:00Z");
        assertThat(house.slots("tea")).containsExactly("2026-11-22T06:00:00Z DONE");
    }

    @Test
    void aNameIsOneJobsUntilThatHasEnded() {
        house();
        house.register.add(spec(job("tea", "0 13 * * *")), Trust.HIGH);
        refused(job("tea", "0 14 * * *"), "there is a job called tea already");
        house.register.remove("tea");
        house.register.add(spec(job("tea", "0 14 * * *")), Trust.HIGH);
        house.at("2026-11-21T13:00:00Z");
        assertThat(house.said).isEmpty();
        house.at("2026-11-21T14:00:00Z");
        assertThat(house.said).hasSize(1);
    }

    @Test
    void aHeartbeatKeepsItsHoursOverMidnight() throws Exception {
        house(job("watch", "*/30 * * * *", "active", "23:00-01:00", "heartbeat", Map.of("prompt", "Look around")));
        java.nio.file.Files.writeString(folder.resolve("HEARTBEAT.md"), "Look after the oven");
        for (String at : List.of("22:30", "23:00", "23:30")) {
            house.at("2026-11-21T" + at + ":00Z");
            house.asked.keySet().forEach(run -> house.complete(run, "HEARTBEAT_OK", "done"));
            await().until(() -> house.slots("watch").stream().noneMatch(slot -> slot.endsWith("RUNNING")));
        }
        for (String at : List.of("00:00", "00:30", "01:00", "12:00")) {
            house.at("2026-11-22T" + at + ":00Z");
            house.asked.keySet().forEach(run -> house.complete(run, "HEARTBEAT_OK", "done"));
            await().until(() -> house.slots("watch").stream().noneMatch(slot -> slot.endsWith("RUNNING")));
        }
        assertThat(house.slots("watch"))
                .containsExactly(
                        "2026-11-21T23:00:00Z DONE",
                        "2026-11-21T23:30:00Z DONE",
                        "2026-11-22T00:00:00Z DONE",
                        "2026-11-22T00:30:00Z DONE");
    }

    @Test
    void tenThousandJobsOfTheFileAreTakenUpAndKeptAtTheNextStart() throws Exception {
        Object[] many = new Object[10_000];
        for (int i = 0; i < many.length; i++) {
            many[i] = job("job" + i, i % 60 + " " + i % 24 + " 1 1 *");
        }
        house(many);
        assertThat(house.register.list(false, 1).total()).isEqualTo(10_000);
        String id = house.register.show("job9999", 1).job().id();
        restarted("2026-11-21T12:01:00Z", many);
        assertThat(house.register.list(false, 1).total()).isEqualTo(10_000);
        assertThat(house.register.show("job9999", 1).job().id()).isEqualTo(id);
    }

    @Test
    void runsByHandBesideTheSchedule() {
        house(job("tea", "0 13 * * *"));
        Register.Ran ran = house.register.run("tea");
        assertThat(ran.run().status()).isEqualTo(CronViews.Outcome.DONE);
        house.at("2026-11-21T13:00:00Z");
        assertThat(house.said).hasSize(2);
        assertThatThrownBy(() -> house.register.run("coffee")).hasMessageContaining("no active job coffee");
    }

    @Test
    void refusesWhatCannotBe() {
        house(job("tea", "0 13 * * *"));
        refused(job("tea", "0 14 * * *"), "there is a job called tea already");
        refused(job("x", "0 0 30 2 *"), "column 5: this never comes");
        refused(job("x", "0 0 * * *", "timezone", "Europe/Helsinky"), "did you mean Europe/Helsinki?");
        refused(job("x", "at 2026-11-20T09:00"), "that time has passed; it is now 2026-11-21T12:00 in UTC");
        refused(job("x", "0 0 * * *", "task", "do", "message", Map.of("text", "y")), "exactly one of task");
        refused(job("x", "0 0 * * *", "task", Map.of("skill", "y")), "needs a title or a prompt");
        refused(job("x", "0 3 * * *", "active", "08:00-22:00"), "no time of the schedule");
        refused(job("x", "0 0 * * *", "message", Map.of("text", "y", "channel", "z")), "channel and to stand together");
        refused(job("x", "0 0 * * *", "jitterMs", -1), "0 to 86400000");
        assertThatThrownBy(() -> house.register.remove("tea")).hasMessageContaining("stands in koshi.yaml");
        assertThat(new CronCheck(house.room.codec)
                        .check(house.room.codec.fromData(
                                Map.of("cron", List.of(job("a", "61 * * * *"), job("a", "0 0 * * *"))),
                                io.koshi.config.Config.class)))
                .extracting(io.koshi.api.Problem::path)
                .containsExactly("/cron/0/schedule", "/cron/1/name");
    }

    private void refused(Map<String, Object> job, String why) {
        assertThatThrownBy(() -> house.register.add(spec(job), Trust.HIGH)).hasMessageContaining(why);
    }

    @Test
    void aHeartbeatIsSilentWhenThereIsNothingToSay() throws Exception {
        house(job(
                "beat", "*/30 * * * *", "active", "08:00-22:00", "heartbeat", Map.of("channel", "chat", "to", "ann")));
        house.at("2026-11-21T12:30:00Z");
        assertThat(house.slots("beat")).containsExactly("2026-11-21T12:30:00Z SKIPPED");
        Files.writeString(folder.resolve("HEARTBEAT.md"), "# Look after\n<!-- nothing -->\n- [ ]\n");
        house.at("2026-11-21T13:00:00Z");
        assertThat(house.asked).isEmpty();
        Files.writeString(folder.resolve("HEARTBEAT.md"), "- water the plants\n");
        house.at("2026-11-21T13:30:00Z");
        String first = house.asked.keySet().iterator().next();
        assertThat(house.asked.get(first).prompt()).contains("water the plants", "HEARTBEAT_OK");
        assertThat(house.asked.get(first).replyTo()).isEmpty();
        house.complete(first, "HEARTBEAT_OK", "done");
        await().untilAsserted(() -> assertThat(house.slots("beat")).contains("2026-11-21T13:30:00Z DONE"));
        assertThat(house.said).isEmpty();
        house.at("2026-11-21T14:00:00Z");
        house.asked.keySet().stream().filter(run -> !run.equals(first)).forEach(run -> {
            house.complete(run, "HEARTBEAT_OK\nThe plants are dry.", "done");
        });
        await().untilAsserted(() -> assertThat(house.texts()).containsExactly("The plants are dry."));
        house.at("2026-11-21T23:30:00Z");
        assertThat(house.slots("beat")).noneMatch(slot -> slot.startsWith("2026-11-21T22"));
    }

    @Test
    void aHeartbeatDoesNotInterruptABusySession() {
        house(
                job("talk", "29 12 * * *", "message", Map.of("text", "long", "session", "main")),
                job("beat", "*/30 * * * *", "heartbeat", Map.of("prompt", "Look")));
        house.at("2026-11-21T12:29:00Z");
        house.at("2026-11-21T12:30:00Z");
        assertThat(house.register.show("beat", 1).runs().get(0).reason().orElseThrow())
                .contains("main is busy");
    }

    @Test
    void aJobThatStartsWithTheHubStartsOnceEachStart() throws Exception {
        house(job("hello", "@reboot"));
        assertThat(house.texts()).containsExactly("Tea");
        house.at("2026-11-21T13:00:00Z");
        assertThat(house.said).hasSize(1);
        restarted("2026-11-21T14:00:00Z", job("hello", "@reboot"));
        assertThat(house.said).hasSize(1);
    }
}
