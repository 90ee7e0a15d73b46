package io.koshi.cli;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code koshi memories}: what the hub remembers, found, looked at, written out, taken in, wiped. */
final class Memories {
    private static final String VERBS =
            "koshi memories takes search, show, stats, core, inspect, sleep, export, import, rebuild or wipe";

    private Memories() {}

    static int run(Words words, Invocation call) throws IOException, InterruptedException {
        String verb = words.next();
        return switch (verb == null ? "stats" : verb) {
            case "stats" -> facts(words, call, "memory.stats", Map.of());
            case "sleep" -> facts(words, call, "memory.sleep", Map.of());
            case "show" -> show(words, call);
            case "search" -> search(words, call);
            case "core" -> core(words, call);
            case "inspect" -> inspect(words, call);
            case "rebuild" -> rebuild(words, call);
            case "wipe" -> wipe(words, call);
            case "export" -> MemoryFiles.export(words, call);
            case "import" -> MemoryFiles.take(words, call);
            default -> throw Failure.usage(VERBS + ", not '" + verb + "'.");
        };
    }

    private static int show(Words words, Invocation call) throws IOException, InterruptedException {
        Map<String, Object> params = new LinkedHashMap<>();
        params.put("limit", words.number(20, "--limit", "-n"));
        String tier = words.option("--tier");
        if (tier != null) {
            params.put("tier", tier);
        }
        words.done();
        return listed(call, call.ask("memory.peek", params));
    }

    private static int search(Words words, Invocation call) throws IOException, InterruptedException {
        Map<String, Object> params = new LinkedHashMap<>();
        params.put("limit", words.number(10, "--limit", "-n"));
        if (words.flag("--archive")) {
            params.put("archive", true);
        }
        String query = words.text();
        if (query.isEmpty()) {
            throw Failure.usage("Say what to look for; see 'koshi memories --help'.");
        }
        params.put("query", query);
        return listed(call, call.ask("memory.query", params));
    }

    private static int listed(Invocation call, Map<?, ?> answer) {
        if (!call.printed(answer)) {
            call.out()
                    .print(Table.of(answer.get("memories"), "id", "tier", "trust", "score", "content")
                            .text("nothing found"));
        }
        return 0;
    }

    private static int core(Words words, Invocation call) throws IOException, InterruptedException {
        Map<String, Object> params = new LinkedHashMap<>();
        for (String decision : List.of("approve", "reject")) {
            long id = words.number(0, "--" + decision);
            if (id > 0) {
                call.refuseChildren("decide about core memories of");
                params.put(decision, id);
            }
        }
        words.done();
        Map<?, ?> core = call.ask("memory.core", params);
        if (!call.printed(core)) {
            call.out()
                    .print(Table.of(core.get("core"), "id", "source", "content").text("no core memories"));
            Table waiting =
                    Table.of(core.get("quarantined"), "memory.id=id", "reason", "against", "memory.content=content");
            if (!waiting.empty()) {
                call.out().println("waiting for you (koshi memories core --approve ID, or --reject ID):");
                call.out().print(waiting.text(""));
            }
        }
        return 0;
    }

    private static int inspect(Words words, Invocation call) throws IOException, InterruptedException {
        String id = words.next("a memory's number; 'koshi memories search' shows them");
        words.done();
        if (!id.matches("[0-9]{1,18}")) {
            throw Failure.usage("A memory has a number, not '" + id + "'.");
        }
        Map<?, ?> memory = call.ask("memory.inspect", Map.of("id", Long.parseLong(id)));
        if (!call.printed(memory)) {
            for (String part : List.of("memory", "worth")) {
                if (memory.get(part) instanceof Map<?, ?> known) {
                    call.out().print(facts(known));
                }
            }
            call.out()
                    .print(Table.of(memory.get("history"), "at", "kind", "detail")
                            .text("no history"));
        }
        return 0;
    }

    /** Exits 1 where only a look was asked for and something is wrong. */
    private static int rebuild(Words words, Invocation call) throws IOException, InterruptedException {
        boolean check = words.flag("--check");
        words.done();
        Map<?, ?> found = call.ask("memory.rebuild", Map.of("check", check), Invocation.LONG_MS);
        long wrong = 0;
        StringBuilder what = new StringBuilder();
        for (String kind : List.of("missing", "different", "surplus", "unmended", "unindexed")) {
            long n = ((Number) found.get(kind)).longValue();
            wrong += n;
            if (n > 0) {
                what.append(what.isEmpty() ? "" : ", ").append(n).append(' ').append(kind);
            }
        }
        if (!call.printed(found)) {
            String all = found.get("logged") + " memories in the log; ";
            String outcome = wrong == 0 ? "nothing is wrong" : what + (check ? "" : "; mended");
            call.out().println(all + outcome + (check ? "" : "; the full-text index is made anew"));
            for (Object each : found.get("wrong") instanceof List<?> list ? list : List.of()) {
                Map<?, ?> one = (Map<?, ?>) each;
                List<?> fields = one.get("fields") instanceof List<?> names ? names : List.of();
                call.out()
                        .println("  memory " + one.get("id") + " " + one.get("fault")
                                + (fields.isEmpty() ? "" : ": " + Json.write(fields)));
            }
        }
        return check && wrong > 0 ? Failure.FAILED : 0;
    }

    private static int wipe(Words words, Invocation call) throws IOException, InterruptedException {
        call.refuseChildren("wipe the memories of");
        String layer = words.option("--layer");
        boolean yes = words.flag("--yes");
        words.done();
        if (!yes) {
            throw Failure.refused("This forgets " + (layer == null ? "all memories" : "the layer '" + layer + "'")
                    + " for good; 'koshi memories export -o FILE' keeps a copy. Say --yes to do it.");
        }
        Map<?, ?> wiped = call.ask(
                "memory.wipe", Map.of("layer", layer == null ? "all" : layer, "yes", true), Invocation.LONG_MS);
        if (!call.printed(wiped)) {
            call.out().println(wiped.get("wiped") + " memories are gone");
        }
        return 0;
    }

    private static int facts(Words words, Invocation call, String method, Map<String, ?> params)
            throws IOException, InterruptedException {
        words.done();
        Map<?, ?> answer = call.ask(method, params);
        if (!call.printed(answer)) {
            call.out().print(facts(answer));
        }
        return 0;
    }

    private static String facts(Map<?, ?> answer) {
        Table table = new Table("", "");
        answer.forEach((name, value) -> table.row(name, value));
        return table.text("").stripLeading();
    }
}
