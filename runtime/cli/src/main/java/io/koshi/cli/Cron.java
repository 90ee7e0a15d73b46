package io.koshi.cli;

import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code koshi cron}: what happens at which times. */
final class Cron {
    private Cron() {}

    static int run(Words words, Invocation call) throws IOException, InterruptedException {
        String verb = words.next();
        return switch (verb == null ? "list" : verb) {
            case "list" -> list(words, call);
            case "show" -> show(words, call);
            case "add" -> add(words, call);
            case "remove" -> remove(words, call);
            case "run" -> start(words, call);
            case "next" -> next(words, call);
            default ->
                throw Failure.usage("koshi cron takes list, show, add, remove, run or next, not '" + verb + "'.");
        };
    }

    private static int list(Words words, Invocation call) throws IOException, InterruptedException {
        boolean all = words.flag("--all", "-a");
        long limit = words.number(50, "--limit", "-n");
        words.done();
        Map<?, ?> jobs = call.ask("cron.list", Map.of("all", all, "limit", limit));
        if (!call.printed(jobs)) {
            List<?> list = (List<?>) jobs.get("jobs");
            Table table = new Table("name", "schedule", "zone", "next", "last run", "does", "state", "id");
            list.forEach(job -> row(table, (Map<?, ?>) job));
            call.out().print(table.text("no jobs; 'koshi cron add' makes one"));
            list.forEach(job -> failure((Map<?, ?>) job, call));
            if (jobs.get("total") instanceof Number total && total.longValue() > list.size() && !all) {
                call.out().println(list.size() + " of " + total + " jobs; -n LIMIT shows more");
            }
        }
        return 0;
    }

    private static void row(Table table, Map<?, ?> job) {
        String zone = String.valueOf(job.get("timezone"));
        Object last = job.get("lastRun") instanceof Map<?, ?> run
                ? run.get("status") + " " + moment(run.get("slot"), zone)
                : null;
        table.row(
                job.get("name"),
                job.get("schedule"),
                zone,
                moment(job.get("nextAt"), zone),
                last,
                job.get("kind") + ": " + job.get("task"),
                job.get("status"),
                job.get("id"));
    }

    /** A moment by the clock of the job's zone, as its schedule is meant. */
    private static String moment(Object instant, String zone) {
        if (instant == null) {
            return "-";
        }
        try {
            LocalDateTime local = LocalDateTime.ofInstant(Instant.parse(instant.toString()), ZoneId.of(zone));
            String text = local.truncatedTo(ChronoUnit.SECONDS).toString();
            return text.replace('T', ' ');
        } catch (DateTimeException e) {
            return instant.toString();
        }
    }

    /** A failed run is said, and not only marked. */
    private static void failure(Map<?, ?> job, Invocation call) {
        if (job.get("lastRun") instanceof Map<?, ?> run && "failed".equals(run.get("status"))) {
            call.out().println(job.get("name") + " failed: " + run.get("error"));
        }
    }

    private static int show(Words words, Invocation call) throws IOException, InterruptedException {
        String id = words.next("a job's id or name");
        words.done();
        Map<?, ?> shown = call.ask("cron.get", Map.of("id", id));
        if (!call.printed(shown)) {
            Map<?, ?> job = (Map<?, ?>) shown.get("job");
            String zone = String.valueOf(job.get("timezone"));
            job.forEach((key, value) -> {
                if (!key.equals("lastRun")) {
                    call.out().println(key + ": " + (key.equals("nextAt") ? moment(value, zone) : value));
                }
            });
            Table table = new Table("time", "outcome", "why", "task", "run");
            for (Object each : (List<?>) shown.get("runs")) {
                Map<?, ?> run = (Map<?, ?>) each;
                Object why = run.get("error") == null ? run.get("reason") : run.get("error");
                table.row(moment(run.get("slot"), zone), run.get("status"), why, run.get("taskId"), run.get("runId"));
            }
            call.out().print(table.text("no runs yet"));
        }
        return 0;
    }

    private static int add(Words words, Invocation call) throws IOException, InterruptedException {
        Map<String, Object> job = new LinkedHashMap<>();
        String notify = words.option("--notify");
        String skill = words.option("--skill");
        boolean park = words.flag("--no-run");
        for (String name : List.of("timezone", "missed", "concurrency", "active", "description")) {
            String value = words.option("--" + name);
            if (value != null) {
                job.put(name, value);
            }
        }
        job.put("name", words.next("the job, its schedule in quotes, and what is to be done"));
        job.put("schedule", words.next("its schedule in quotes, such as \"30 7 * * *\""));
        String text = words.text();
        if (text.isEmpty()) {
            throw Failure.usage("Say what is to be done; see 'koshi cron --help'.");
        }
        if (notify == null) {
            Map<String, Object> task = new LinkedHashMap<>(Map.of("prompt", text, "autoRun", !park));
            if (skill != null) {
                task.put("skill", skill);
            }
            job.put("task", task);
        } else {
            int colon = notify.indexOf(':');
            if (colon < 1) {
                throw Failure.usage("--notify takes CHANNEL:CONVERSATION, for example telegram:12345.");
            }
            job.put(
                    "notify",
                    Map.of("channel", notify.substring(0, colon), "to", notify.substring(colon + 1), "text", text));
        }
        Map<?, ?> added = call.ask("cron.add", job);
        if (!call.printed(added)) {
            Object next = added.get("nextAt");
            call.out()
                    .println(added.get("name") + " (" + added.get("id") + ") comes next "
                            + (next == null ? "when the hub starts" : "at " + next));
        }
        return 0;
    }

    private static int remove(Words words, Invocation call) throws IOException, InterruptedException {
        String id = words.next("a job's id or name");
        words.done();
        Map<?, ?> removed = call.ask("cron.remove", Map.of("id", id));
        if (!call.printed(removed)) {
            call.out().println(removed.get("name") + " (" + removed.get("id") + ") is off");
        }
        return 0;
    }

    private static int start(Words words, Invocation call) throws IOException, InterruptedException {
        String id = words.next("a job's id or name");
        words.done();
        Map<?, ?> ran = call.ask("cron.run", Map.of("id", id));
        if (!call.printed(ran)) {
            StringBuilder line = new StringBuilder(String.valueOf(ran.get("status")));
            for (String detail : List.of("reason", "taskId", "runId")) {
                if (ran.get(detail) != null) {
                    line.append("  ").append(detail).append(' ').append(ran.get(detail));
                }
            }
            call.out().println(line);
        }
        return 0;
    }

    private static int next(Words words, Invocation call) throws IOException, InterruptedException {
        Map<String, Object> ask = new LinkedHashMap<>();
        ask.put("count", words.number(5, "--limit", "-n"));
        String zone = words.option("--timezone");
        if (zone != null) {
            ask.put("timezone", zone);
        }
        ask.put("schedule", words.next("a schedule in quotes, such as \"30 7 * * *\""));
        words.done();
        Map<?, ?> times = call.ask("cron.next", ask);
        if (!call.printed(times)) {
            ((List<?>) times.get("local")).forEach(call.out()::println);
        }
        return 0;
    }
}
