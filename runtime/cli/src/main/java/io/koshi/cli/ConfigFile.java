package io.koshi.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code koshi config check|show}. */
final class ConfigFile {
    private ConfigFile() {}

    static int run(Words words, Invocation call) throws IOException {
        String verb = words.next("check or show");
        return switch (verb) {
            case "show" -> show(words, call);
            case "check" -> check(words, call);
            default -> throw Failure.usage("koshi config takes check or show, not '" + verb + "'.");
        };
    }

    private static int show(Words words, Invocation call) throws IOException {
        words.done();
        try (Link link = call.connect()) {
            Map<?, ?> config = link.ask("hub.config", Map.of(), Invocation.DEADLINE_MS);
            if (!call.printed(config)) {
                call.out().print(Yaml.write(config.get("config") instanceof Map<?, ?> map ? map : config));
            }
            return 0;
        }
    }

    /** Exit code 1 when the file would be refused. */
    private static int check(Words words, Invocation call) throws IOException {
        String file = words.next();
        words.done();
        Map<String, Object> params = new LinkedHashMap<>();
        if (file != null) {
            params.put("file", Path.of(file).toAbsolutePath().normalize().toString());
        }
        try (Link link = call.connect()) {
            Map<?, ?> answer = link.ask("config.check", params, Invocation.DEADLINE_MS);
            List<?> problems = answer.get("problems") instanceof List<?> list ? list : List.of();
            if (!call.printed(answer)) {
                problems.forEach(each -> call.err().println(problem(each)));
                if (problems.isEmpty()) {
                    call.out().println("the configuration is good");
                }
            }
            return problems.isEmpty() ? 0 : Failure.FAILED;
        }
    }

    private static Object problem(Object each) {
        return each instanceof Map<?, ?> map && map.get("problem") != null
                ? (map.get("path") == null ? "" : map.get("path") + ": ") + map.get("problem")
                : each;
    }
}
