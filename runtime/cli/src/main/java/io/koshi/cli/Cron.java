package io.koshi.cli;

import java.io.IOException;
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
            call.out()
                    .print(Table.of(
                                    jobs.get("jobs"),
                                    "id",
                                    "name",
                                    "schedule",
                                    "timezone",
                                    "nextAt",
                                    "status",
                                    "lastRun.status",
                                    "task")
                            .text("no jobs; 'koshi cron add' makes one"));
            if (jobs.get("jobs") instanceof List<?> list) {
                list.stream().filter(Map.class::isInstance).map(Map.class::cast).forEach(job -> failure(job, call));
            }
        }
        return 0;
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
            job.forEach((key, value) -> {
                if (!key.equals("lastRun")) {
                    call.out().println(key + ": " + value);
                }
            });
            call.out()
                    .print(Table.of(shown.get("runs"), "slot", "status", "reason", "error", "taskId", "runId")
                            .text("no runs yet"));
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
