package io.koshi.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** {@code koshi start} and {@code restart}. */
final class Start {
    private Start() {}

    static int run(Words words, Invocation call) throws IOException, InterruptedException {
        call.refuseChildren("start");
        List<String> options = options(words, call);
        words.done();
        var running = Link.open(call.place().socket(), call.run());
        if (running.isPresent()) {
            running.get().close();
            throw Failure.refused(
                    "Koshi runs already in " + call.place().home() + pid(call) + "; 'koshi restart' starts it anew.");
        }
        return start(options, call);
    }

    static int again(Words words, Invocation call) throws IOException, InterruptedException {
        call.refuseChildren("restart");
        List<String> options = options(words, call);
        words.done();
        Stop.stop(call);
        return start(options, call);
    }

    private static int start(List<String> options, Invocation call) throws IOException, InterruptedException {
        long began = System.nanoTime();
        Map<?, ?> status = new Daemon(call).start(options);
        double seconds = (System.nanoTime() - began) / 1e9;
        if (call.printed(status)) {
            return 0;
        }
        String where = status.get("http") instanceof Map<?, ?> http
                ? " on http://" + http.get("host") + ":" + http.get("port")
                : "";
        call.out()
                .println("koshi is ready" + where + " (pid " + status.get("pid") + ", "
                        + String.format(Locale.ROOT, "%.1f", seconds) + " s)");
        if (status.get("config") instanceof Map<?, ?> config && Boolean.TRUE.equals(config.get("lastGood"))) {
            call.err()
                    .println("The configuration " + config.get("file")
                            + " is bad, so the last good one serves; see 'koshi config check'.");
        }
        return 0;
    }

    private static List<String> options(Words words, Invocation call) {
        if (words.flag("--foreground")) {
            throw Failure.usage("'koshi start --foreground' is bin/koshi-daemon; use the koshi script.");
        }
        List<String> options = new ArrayList<>();
        if (call.place().named()) {
            options.addAll(List.of("--home", call.place().home().toString()));
        }
        String config = words.option("--config", "-c");
        if (config != null) {
            options.addAll(List.of("--config", Path.of(config).toAbsolutePath().toString()));
        }
        for (String flag : List.of("--isolated", "--small")) {
            if (words.flag(flag)) {
                options.add(flag);
            }
        }
        return options;
    }

    private static String pid(Invocation call) {
        return call.place().process().map(p -> " (pid " + p.pid() + ")").orElse("");
    }
}
