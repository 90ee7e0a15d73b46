package io.koshi.cli;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code koshi agent} and {@code koshi usage}: who works on what, what a model is told, and what it costs. */
final class Agent {
    private Agent() {}

    static int run(Words words, Invocation call) throws IOException, InterruptedException {
        String verb = words.next();
        return switch (verb == null ? "list" : verb) {
            case "list" -> list(words, call);
            case "abort" -> abort(words, call);
            case "prompt" -> prompt(words, call);
            case "spawn" -> spawn(words, call);
            case "results" -> results(words, call);
            default ->
                throw Failure.usage("koshi agent takes list, spawn, results, abort or prompt, not '" + verb + "'.");
        };
    }

    private static int list(Words words, Invocation call) throws IOException, InterruptedException {
        Map<String, Object> params = new LinkedHashMap<>();
        params.put("limit", words.number(50, "--limit", "-n"));
        put(params, "sessionKey", words.option("--session"));
        words.done();
        Map<?, ?> runs = call.ask("agent.list", params);
        if (!call.printed(runs)) {
            call.out()
                    .print(Table.of(
                                    runs.get("runs"),
                                    "runId=run",
                                    "status",
                                    "sessionKey=session",
                                    "skill",
                                    "model",
                                    "attempt",
                                    "error.code=error",
                                    "createdAt=since")
                            .text("no runs"));
        }
        return 0;
    }

    private static int abort(Words words, Invocation call) throws IOException, InterruptedException {
        Map<String, Object> params = new LinkedHashMap<>();
        put(params, "reason", words.option("--reason"));
        String session = words.option("--session");
        put(params, "sessionKey", session);
        if (session == null) {
            params.put("runId", words.next("a run, or --session KEY; 'koshi agent list' lists them"));
        }
        words.done();
        Map<?, ?> aborted = call.ask("agent.abort", params);
        boolean any = Boolean.TRUE.equals(aborted.get("aborted"));
        if (!call.printed(aborted)) {
            if (!any) {
                throw Failure.notFound("Nothing was running; 'koshi agent list' shows what is.");
            }
            call.out().println("told to end: " + aborted.get("runIds"));
        }
        return any ? 0 : Failure.FAILED;
    }

    private static int prompt(Words words, Invocation call) throws IOException, InterruptedException {
        Map<String, Object> params = new LinkedHashMap<>();
        put(params, "sessionKey", words.option("--session"));
        put(params, "skill", words.option("--skill"));
        params.put("text", words.text());
        Map<?, ?> prompt = call.ask("agent.prompt", params);
        if (!call.printed(prompt)) {
            call.out().println(prompt.get("system"));
            call.out().println();
            call.out()
                    .println("-- " + prompt.get("bytes") + " bytes; with " + prompt.get("messages") + " messages "
                            + prompt.get("tokens") + " tokens; tools: " + prompt.get("tools") + "; models: "
                            + prompt.get("models"));
        }
        return 0;
    }

    private static int spawn(Words words, Invocation call) throws IOException, InterruptedException {
        Map<String, Object> params = new LinkedHashMap<>();
        for (String name : List.of("skill", "context", "model", "session", "task")) {
            put(
                    params,
                    Map.of("session", "sessionKey", "task", "taskId").getOrDefault(name, name),
                    words.option("--" + name));
        }
        String task = words.text();
        if (task.isEmpty() != params.containsKey("taskId")) {
            throw Failure.usage("Say what is to be done, or name a task with --task ID.");
        }
        put(params, "task", task.isEmpty() ? null : task);
        Map<?, ?> given = call.ask("agent.spawn", params);
        if (!call.printed(given)) {
            call.out().println("task " + given.get("taskId") + " in run " + given.get("runId"));
        }
        return 0;
    }

    private static int results(Words words, Invocation call) throws IOException, InterruptedException {
        Map<String, Object> params = new LinkedHashMap<>();
        params.put("limit", words.number(20, "--limit", "-n"));
        put(params, "sessionKey", words.option("--session"));
        words.done();
        Map<?, ?> results = call.ask("agent.results", params);
        if (!call.printed(results)) {
            call.out()
                    .print(Table.of(results.get("results"), "id", "status", "skill", "title", "output", "at")
                            .text("no results"));
        }
        return 0;
    }

    static int usage(Words words, Invocation call) throws IOException, InterruptedException {
        Map<String, Object> params = new LinkedHashMap<>();
        put(params, "period", words.option("--period"));
        for (String by : List.of("model", "skill", "session", "purpose", "day")) {
            if (words.flag("--by-" + by)) {
                params.put("by", by);
            }
        }
        words.done();
        Map<?, ?> usage = call.ask("usage.summary", params);
        if (!call.printed(usage)) {
            Map<?, ?> all = (Map<?, ?>) usage.get("usage");
            call.out()
                    .println(usage.get("runs") + " runs, " + all.get("inputTokens") + " tokens in, "
                            + all.get("outputTokens") + " out"
                            + (usage.get("cost") == null ? "" : ", cost " + usage.get("cost")));
            Table groups = new Table("name", "runs", "tokens in", "out", "from cache", "into cache", "cost");
            for (Object item : (List<?>) usage.get("groups")) {
                Map<?, ?> group = (Map<?, ?>) item;
                Map<?, ?> used = (Map<?, ?>) group.get("usage");
                groups.row(
                        group.get("name"),
                        group.get("runs"),
                        used.get("inputTokens"),
                        used.get("outputTokens"),
                        used.get("cacheReadTokens"),
                        used.get("cacheWriteTokens"),
                        group.get("cost"));
            }
            if (!groups.empty()) {
                call.out().print(groups.text(""));
            }
        }
        return 0;
    }

    private static void put(Map<String, Object> params, String name, String value) {
        if (value != null) {
            params.put(name, value);
        }
    }
}
