package io.koshi.bench;

import io.koshi.itests.Daemon;
import io.koshi.itests.FrameSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A plugin: from plugin.add to the first answer of a method of its own, and plugin.remove until it is gone. */
final class PluginBench implements Bench.Story {
    private static final int RUNS = 30;

    @Override
    public void run(Path scratch) throws Exception {
        Path jar = Path.of(System.getProperty("koshi.house"), "examples/notes/target/example.service.notes-1.0.0.jar");
        try (Daemon daemon = Daemon.in(scratch.resolve("home"))
                        .config("http: { port: 0 }\n")
                        .start();
                FrameSocket frames = daemon.frames()) {
            List<Double> in = new ArrayList<>();
            List<Double> out = new ArrayList<>();
            for (int run = -5; run < RUNS; run++) {
                long begin = System.nanoTime();
                frames.call("plugin.add", Map.of("source", jar.toString()));
                frames.call("note.list", Map.of());
                long added = System.nanoTime();
                frames.call("plugin.remove", Map.of("name", "notes"));
                long removed = System.nanoTime();
                if (run >= 0) {
                    in.add((added - begin) / 1e6);
                    out.add((removed - added) / 1e6);
                }
            }
            new Table("A plugin, " + RUNS + " cycles; files are written with fsync", "what", "ms median", "ms max")
                    .row(
                            "plugin.add to the first answer",
                            StartBench.median(in),
                            in.stream().max(Double::compare).orElse(0d))
                    .row(
                            "plugin.remove",
                            StartBench.median(out),
                            out.stream().max(Double::compare).orElse(0d))
                    .print(System.out);
        }
    }
}
