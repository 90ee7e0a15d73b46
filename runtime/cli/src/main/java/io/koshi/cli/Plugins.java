package io.koshi.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code koshi add}, {@code remove}, {@code plugins} and {@code plan}. */
final class Plugins {
    private static final int SHOWN = 12;

    private Plugins() {}

    static int add(Words words, Invocation call) throws IOException, InterruptedException {
        Map<String, Object> params = source(words);
        Map<?, ?> added = call.ask("plugin.add", params, Invocation.LONG_MS);
        if (!call.printed(added)) {
            Object plugin = added.get("plugin") instanceof Map<?, ?> map ? map.get("name") : added.get("name");
            call.out().println(plugin + " serves" + took(added));
            diff(call, added.get("configDiff"));
            lack(call, plugin);
        }
        return 0;
    }

    /** What the new plugin says it still needs: it serves, and may serve nobody without a secret. */
    private static void lack(Invocation call, Object plugin) throws IOException, InterruptedException {
        try {
            if (call.ask("hub.health", Map.of()).get("parts") instanceof List<?> parts) {
                for (Object each : parts) {
                    Map<?, ?> part = (Map<?, ?>) each;
                    if (plugin.equals(part.get("name")) && !"healthy".equals(part.get("status"))) {
                        call.err().println(plugin + " is " + part.get("status") + ": " + part.get("message"));
                    }
                }
            }
        } catch (Failure unknown) {
            call.err().println("How it is cannot be told: " + unknown.getMessage());
        }
    }

    static int remove(Words words, Invocation call) throws IOException, InterruptedException {
        String name = words.next("a plugin; 'koshi plugins' lists them");
        words.done();
        Map<?, ?> removed = call.ask("plugin.remove", Map.of("name", name), Invocation.LONG_MS);
        if (!call.printed(removed)) {
            call.out().println(name + " is gone" + took(removed));
            diff(call, removed.get("configDiff"));
        }
        return 0;
    }

    static int list(Words words, Invocation call) throws IOException, InterruptedException {
        words.done();
        Map<?, ?> plugins = call.ask("plugin.list", Map.of());
        if (!call.printed(plugins)) {
            Table table = new Table("name", "kind", "version", "state", "sha256", "source", "error");
            if (plugins.get("plugins") instanceof List<?> all) {
                for (Object each : all) {
                    Map<?, ?> one = (Map<?, ?>) each;
                    Object entry =
                            one.get("instance") == null ? one.get("name") : one.get("name") + "~" + one.get("instance");
                    table.row(
                            entry,
                            one.get("kind"),
                            one.get("version"),
                            one.get("state"),
                            shortened(one.get("sha256")),
                            one.get("source"),
                            one.get("error"));
                }
            }
            call.out().print(table.text("no plugins; 'koshi add SOURCE' adds one"));
        }
        return 0;
    }

    /** Enough of a hash to compare by eye; {@code --json} has it whole. */
    private static String shortened(Object sha256) {
        String hash = String.valueOf(sha256);
        return hash.length() > SHOWN ? hash.substring(0, SHOWN) : hash;
    }

    /** {@code koshi plan add|remove SOURCE}: says what would change; exit code 4 when it would be refused. */
    static int plan(Words words, Invocation call) throws IOException, InterruptedException {
        String action = words.next("add or remove");
        Map<String, Object> params = switch (action) {
            case "add" -> source(words);
            case "remove" -> new LinkedHashMap<>(Map.of("name", words.next("a plugin")));
            default -> throw Failure.usage("koshi plan takes add or remove, not '" + action + "'.");
        };
        words.done();
        params.put("action", action);
        Map<?, ?> plan = call.ask("plugin.plan", params, Invocation.LONG_MS);
        boolean allowed = Boolean.TRUE.equals(plan.get("allowed"));
        if (!call.printed(plan)) {
            List<?> closure = plan.get("closure") instanceof List<?> list ? list : List.of();
            if (!closure.isEmpty()) {
                call.out().println(action + " " + plan.get("name") + " touches " + Ask.join(closure));
            }
            diff(call, plan.get("configDiff"));
            call.out().println(allowed ? "allowed" : "refused: " + plan.get("reason"));
        }
        return allowed ? 0 : Failure.REFUSED;
    }

    private static Map<String, Object> source(Words words) {
        Map<String, Object> settings = new LinkedHashMap<>();
        for (String pair = words.option("--set"); pair != null; pair = words.option("--set")) {
            int equals = pair.indexOf('=');
            if (equals < 1) {
                throw Failure.usage("--set takes KEY=VALUE, not '" + pair + "'.");
            }
            settings.put(pair.substring(0, equals), value(pair.substring(equals + 1)));
        }
        String name = words.option("--name");
        String source = words.next("a plugin: a name of the catalogue, a jar, or group:artifact:version");
        words.done();
        Path jar = Path.of(source).toAbsolutePath().normalize();
        Map<String, Object> params = new LinkedHashMap<>();
        params.put("source", source.endsWith(".jar") || Files.isRegularFile(jar) ? jar.toString() : source);
        if (name != null) {
            params.put("name", name);
        }
        if (!settings.isEmpty()) {
            params.put("settings", settings);
        }
        return params;
    }

    /** A value as JSON where it is some, else as the text it is. */
    private static Object value(String text) {
        try {
            return Json.read(text);
        } catch (IllegalArgumentException plain) {
            return text;
        }
    }

    private static String took(Map<?, ?> done) {
        return done.get("durationMs") == null ? "" : " after " + done.get("durationMs") + " ms";
    }

    private static void diff(Invocation call, Object diff) {
        if (diff instanceof String text && !text.isBlank()) {
            call.out().println(text.stripTrailing());
        }
    }
}
