package io.koshi.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code koshi task}: work that outlives a turn. */
final class Tasks {
    private static final List<String> ENDED = List.of("done", "failed", "cancelled");

    private Tasks() {}

    static int run(Words words, Invocation call) throws IOException, InterruptedException {
        String verb = words.next();
        return switch (verb == null ? "list" : verb) {
            case "list" -> list(words, call);
            case "show" -> show(words, call);
            case "add" -> add(words, call);
            case "run" -> byTheHub(words, call);
            case "approve" -> approve(words, call);
            case "retry" -> retry(words, call);
            case "cancel" -> cancel(words, call);
            case "split" -> TaskSplit.run(words, call);
            case "watch" -> TaskWatch.run(words, call);
            case "stats" -> stats(words, call);
            default ->
                throw Failure.usage("koshi task takes list, show, add, run, approve, retry, cancel, split, watch or"
                        + " stats, not '" + verb + "'.");
        };
    }

    private static int list(Words words, Invocation call) throws IOException, InterruptedException {
        Map<String, Object> params = new LinkedHashMap<>();
        params.put("limit", words.number(50, "--limit", "-n"));
        put(params, "status", words.option("--status"));
        put(params, "project", words.option("--project"));
        words.done();
        Map<?, ?> found = call.ask("task.list", params);
        if (!call.printed(found)) {
            call.out()
                    .print(Table.of(
                                    found.get("tasks"),
                                    "number",
                                    "taskId",
                                    "status",
                                    "type",
                                    "priority",
                                    "worker",
                                    "title|words=what",
                                    "createdAt")
                            .text("no tasks"));
            waits(found.get("tasks"))
                    .forEach((what, count) ->
                            call.out().println(count + (count == 1 ? " waits for " : " wait for ") + what));
        }
        return 0;
    }

    /** What queued tasks lack, and how many of them. */
    private static Map<Object, Integer> waits(Object tasks) {
        Map<Object, Integer> waits = new LinkedHashMap<>();
        for (Object task : (List<?>) tasks) {
            Object what = ((Map<?, ?>) task).get("waitsFor");
            if (what != null) {
                waits.merge(what, 1, Integer::sum);
            }
        }
        return waits;
    }

    private static int show(Words words, Invocation call) throws IOException, InterruptedException {
        String id = words.next("a task's number or id");
        words.done();
        Map<?, ?> task = call.ask("task.get", Map.of("taskId", id));
        if (call.printed(task)) {
            return 0;
        }
        task.forEach((name, value) -> {
            if (!name.equals("attempts") && !List.of().equals(value)) {
                String text = value instanceof String plain ? plain : Json.write(value);
                call.out().println(String.format("%-12s %s", name, text.replace("\n", "\n             ")));
            }
        });
        Table attempts = Table.of(task.get("attempts"), "n", "worker", "status", "leasedAt", "endedAt", "error");
        if (!attempts.empty()) {
            call.out().print("\n" + attempts.text(""));
        }
        return 0;
    }

    private static int add(Words words, Invocation call) throws IOException, InterruptedException {
        Map<String, Object> params = new LinkedHashMap<>();
        for (String name : List.of("title", "project", "skill", "type", "model")) {
            put(params, name, words.option("--" + name));
        }
        put(params, "requestId", words.option("--request-id"));
        String priority = words.option("--priority");
        if (priority != null) {
            params.put("priority", number("--priority", priority));
        }
        String after = words.option("--after");
        if (after != null) {
            params.put("dependsOn", List.of(after.split(",")));
        }
        if (words.flag("--auto-run")) {
            params.put("autoRun", true);
        }
        String prompt = words.text();
        if (prompt.isEmpty()) {
            throw Failure.usage("Say what is to be done; see 'koshi task --help'.");
        }
        params.put("prompt", prompt);
        Map<?, ?> made = call.ask("task.enqueue", params);
        if (!call.printed(made)) {
            call.out().println("task " + made.get("number") + " (" + made.get("taskId") + ") is " + made.get("status"));
        }
        return 0;
    }

    private static long number(String option, String value) {
        try {
            return Long.parseLong(value);
        } catch (NumberFormatException e) {
            throw Failure.usage(option + " takes a whole number, not '" + value + "'.");
        }
    }

    /** Asks the hub's agent to do it and waits for the end, which an event tells. */
    private static int byTheHub(Words words, Invocation call) throws IOException, InterruptedException {
        String id = words.next("a task's number or id");
        Map<String, Object> params = new LinkedHashMap<>();
        params.put("taskId", id);
        put(params, "model", words.option("--model"));
        boolean wait = !words.flag("--no-wait");
        words.done();
        try (Link link = call.reach()) {
            link.ask(
                    "gateway.subscribe",
                    Map.of("topics", List.of("task.done", "task.failed", "task.cancelled", "gateway.gap")),
                    Invocation.DEADLINE_MS);
            Map<?, ?> changed = link.ask("task.run", params, Invocation.DEADLINE_MS);
            Map<?, ?> task = changed;
            while (wait) {
                task = link.ask("task.get", Map.of("taskId", id), Invocation.DEADLINE_MS);
                if (ENDED.contains(task.get("status"))) {
                    break;
                }
                link.event(0);
            }
            if (!call.printed(task)) {
                Object result = task.get("result");
                Object error = task.get("error") instanceof Map<?, ?> failure ? failure.get("message") : null;
                call.out()
                        .println(
                                result != null
                                        ? result
                                        : id + " is " + task.get("status") + (error == null ? "" : ": " + error));
            }
            return wait && !"done".equals(task.get("status")) ? Failure.FAILED : 0;
        }
    }

    private static int approve(Words words, Invocation call) throws IOException, InterruptedException {
        Map<String, Object> params = new LinkedHashMap<>();
        params.put("taskId", words.next("a task's number or id"));
        String result = words.text();
        put(params, "result", result.isEmpty() ? null : result);
        return changed(call, "task.approve", params);
    }

    private static int retry(Words words, Invocation call) throws IOException, InterruptedException {
        boolean all = words.flag("--all");
        Map<String, Object> params =
                all ? Map.of("all", true) : Map.of("taskId", words.next("a task's number or id, or say --all"));
        words.done();
        Map<?, ?> done = call.ask("task.retry", params);
        if (!call.printed(done)) {
            call.out().println(done.get("retried") + " will be tried again");
        }
        return 0;
    }

    private static int cancel(Words words, Invocation call) throws IOException, InterruptedException {
        Map<String, Object> params = new LinkedHashMap<>();
        params.put("taskId", words.next("a task's number or id"));
        String why = words.text();
        put(params, "reason", why.isEmpty() ? null : why);
        return changed(call, "task.cancel", params);
    }

    private static int changed(Invocation call, String method, Map<String, ?> params)
            throws IOException, InterruptedException {
        Map<?, ?> changed = call.ask(method, params);
        if (!call.printed(changed)) {
            call.out().println(changed.get("taskId") + " is " + changed.get("status"));
        }
        return 0;
    }

    private static int stats(Words words, Invocation call) throws IOException, InterruptedException {
        words.done();
        Map<?, ?> stats = call.ask("task.stats", Map.of());
        if (!call.printed(stats)) {
            List<String> lines = new ArrayList<>();
            stats.forEach((name, value) -> lines.add(String.format("%-13s %s", name, value)));
            lines.forEach(call.out()::println);
        }
        return 0;
    }

    static void put(Map<String, Object> params, String name, String value) {
        if (value != null) {
            params.put(name, value);
        }
    }
}
