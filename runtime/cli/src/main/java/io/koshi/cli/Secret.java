package io.koshi.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.Console;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** {@code koshi secret}: what koshi.yaml names as {@code ${secrets.name}}; needs no running hub. */
final class Secret {
    private static final String NAME = "[A-Za-z0-9_-]{1,64}(\\.[A-Za-z0-9_-]{1,64}){0,7}";
    private static final int SHOWN = 6;

    private Secret() {}

    static int run(Words words, Invocation call) throws IOException {
        String verb = words.next("set, get or unset");
        return switch (verb) {
            case "set" -> set(words, call);
            case "get", "list" -> get(words, call);
            case "unset" -> unset(words, call);
            default -> throw Failure.usage("koshi secret takes set, get or unset, not '" + verb + "'.");
        };
    }

    private static int set(Words words, Invocation call) throws IOException {
        String name = name(words);
        if (words.next() != null) {
            throw Failure.usage("A value on the command line can be read by every user of this machine; pipe it in, "
                    + "or leave it out to be asked for it.");
        }
        String value = value(name, call);
        if (value.isEmpty()) {
            throw Failure.usage("The value is empty; 'koshi secret unset " + name + "' takes a secret away.");
        }
        SecretsFile.read(call.place().secrets()).set(name, value);
        if (!call.printed(Map.of("name", name, "set", true))) {
            call.out().println(name + " is set; ${secrets." + name + "} in koshi.yaml means it");
        }
        return 0;
    }

    private static int get(Words words, Invocation call) throws IOException {
        boolean reveal = words.flag("--reveal");
        String name = words.next();
        words.done();
        SecretsFile file = SecretsFile.read(call.place().secrets());
        if (name == null) {
            Map<String, Object> all = new LinkedHashMap<>();
            file.all().forEach((each, value) -> all.put(each, reveal ? value : redacted(value)));
            if (!call.printed(Map.of("secrets", all))) {
                Table table = new Table("name", "value");
                all.forEach((each, value) -> table.row(each, value));
                call.out().print(table.text("no secrets; 'koshi secret set NAME' makes one"));
            }
            return 0;
        }
        String value = file.get(name)
                .orElseThrow(() ->
                        Failure.failed("There is no secret " + name + "; 'koshi secret set " + name + "' makes one."));
        String shown = reveal ? value : redacted(value);
        if (!call.printed(Map.of("name", name, "value", shown))) {
            call.out().println(shown);
        }
        return 0;
    }

    private static int unset(Words words, Invocation call) throws IOException {
        String name = name(words);
        words.done();
        if (!SecretsFile.read(call.place().secrets()).unset(name)) {
            throw Failure.failed("There is no secret " + name + "; 'koshi secret get' lists them.");
        }
        if (!call.printed(Map.of("name", name, "set", false))) {
            call.out().println(name + " is unset");
        }
        return 0;
    }

    private static String name(Words words) {
        String name = words.next("the secret");
        if (!name.matches(NAME)) {
            throw Failure.usage("A secret's name has letters, digits, _ and -, and dots between keys.");
        }
        return name;
    }

    /** Typed without being shown, or all of standard input without its last line end. */
    private static String value(String name, Invocation call) throws IOException {
        Console console = System.console();
        if (console != null) {
            char[] typed = console.readPassword("%s: ", name);
            return typed == null ? "" : new String(typed);
        }
        String piped = new String(call.in().readAllBytes(), UTF_8);
        return piped.endsWith("\n") ? piped.substring(0, piped.length() - (piped.endsWith("\r\n") ? 2 : 1)) : piped;
    }

    private static String redacted(String value) {
        return value.length() > 2 * SHOWN ? value.substring(0, SHOWN) + "****" : "****";
    }
}
