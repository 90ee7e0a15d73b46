package io.koshi.bench;

import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Runs the benches named on the command line, or all of them, and prints a table for each. */
public final class Bench {
    /** One measurement; it prints its own table. */
    interface Story {
        void run(Path scratch) throws Exception;
    }

    private static final Map<String, Story> STORIES = new LinkedHashMap<>();

    static {
        STORIES.put("start", new StartBench());
        STORIES.put("ingest", new IngestBench());
        STORIES.put("socket", new SocketBench());
        STORIES.put("gateway", new GatewayBench());
        STORIES.put("rest", new RestBench());
        STORIES.put("events", new EventBench());
        STORIES.put("router", new RouterBench());
        STORIES.put("memory", new MemoryBench());
        STORIES.put("plugin", new PluginBench());
        STORIES.put("tasks", new TaskBench());
        STORIES.put("cron", new CronBench());
        STORIES.put("agents", new AgentBench());
    }

    private Bench() {}

    public static void main(String[] names) throws Exception {
        List<String> wanted = names.length == 0 ? List.copyOf(STORIES.keySet()) : Arrays.asList(names);
        System.out.printf(
                "%s %s, %d processors, %s, load %.1f before the first bench%n",
                System.getProperty("java.vm.name"),
                System.getProperty("java.version"),
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("os.name") + " " + System.getProperty("os.version"),
                ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
        for (String name : wanted) {
            Story story = STORIES.get(name);
            if (story == null) {
                System.err.println("no bench '" + name + "'; there are " + STORIES.keySet());
                System.exit(2);
            }
            Path scratch = Files.createTempDirectory(Path.of("target"), "bench-" + name)
                    .toAbsolutePath();
            try {
                story.run(scratch);
            } finally {
                delete(scratch);
            }
        }
        System.exit(0);
    }

    private static void delete(Path directory) throws Exception {
        try (var files = Files.walk(directory)) {
            for (Path file : (Iterable<Path>) files.sorted(java.util.Comparator.reverseOrder())::iterator) {
                Files.deleteIfExists(file);
            }
        }
    }
}
