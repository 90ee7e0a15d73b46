package io.koshi.buffer.internal;

import io.koshi.api.Address;
import io.koshi.api.Message;
import io.koshi.api.Part;
import io.koshi.api.Trust;
import io.koshi.codec.internal.RecordCodec;
import io.koshi.event.Event;
import io.koshi.event.Events;
import io.koshi.event.Subscription;
import io.koshi.store.internal.SqliteStore;
import io.koshi.testkit.TestPools;
import io.koshi.testkit.TestSettings;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * Measures durable intake in one process: threads that accept JSON bodies of 6 to 26 KB, a sink that drops
 * all. Arguments: threads, seconds, batch window in ms.
 */
final class InboxLoad {
    private InboxLoad() {}

    /** A ring as long as the hub's, so that what is published lives as long as there. */
    static final class Ring implements Events {
        private final Event[] ring = new Event[10_000];
        private long seq;

        @Override
        public synchronized long publish(String source, String topic, Object payload) {
            ring[(int) (++seq % ring.length)] = new Event(seq, source, topic, payload);
            return seq;
        }

        @Override
        public Subscription subscribe(List<String> topics, long since, Consumer<Event> listener) {
            throw new UnsupportedOperationException();
        }

        @Override
        public String epoch() {
            return "load";
        }

        @Override
        public synchronized long seq() {
            return seq;
        }
    }

    public static void main(String[] args) throws Exception {
        int threads = Integer.parseInt(args[0]);
        int seconds = Integer.parseInt(args[1]);
        long window = Long.parseLong(args[2]);
        Path data = Files.createTempDirectory(Path.of(args.length > 3 ? args[3] : "/tmp"), "inbox-load");
        RecordCodec codec = new RecordCodec();
        TestSettings settings = new TestSettings(data, codec);
        settings.configure(Map.of("buffer", Map.of("batchWindowMs", window), "store", Map.of("minFreeMB", 0L)));
        TestPools pools = new TestPools();
        SqliteStore store = new SqliteStore(settings);
        DurableInbox inbox = new DurableInbox(
                store,
                settings,
                new Ring(),
                pools,
                codec,
                new Waiting.Limits(100_000, Runtime.getRuntime().maxMemory() / 8, 4 << 20),
                Duration.ofSeconds(1));
        AtomicLong routed = new AtomicLong();
        AtomicLong calls = new AtomicLong();
        inbox.open(batches -> {
            List<Long> entries = new ArrayList<>();
            batches.forEach(b -> b.entries().forEach(e -> entries.add(e.entry())));
            store.writeNow(tx -> {
                inbox.dropped(tx, entries, "#1", "rule #1 drops it");
                return null;
            });
            routed.addAndGet(entries.size());
            calls.incrementAndGet();
        });
        byte[][] bodies = bodies();
        AtomicLong accepted = new AtomicLong();
        List<Thread> all = new ArrayList<>();
        long[][] took = new long[threads][];
        long end = System.nanoTime() + seconds * 1_000_000_000L;
        long middle = System.nanoTime() + seconds * 300_000_000L;
        AtomicLong measured = new AtomicLong();
        for (int t = 0; t < threads; t++) {
            int me = t;
            Thread thread = new Thread(() -> {
                Random random = new Random(me);
                long[] times = new long[200_000];
                int n = 0;
                while (System.nanoTime() < end) {
                    byte[] body = bodies[random.nextInt(bodies.length)];
                    long start = System.nanoTime();
                    inbox.accept(new Message(
                            Address.of("github", "octo/repo" + random.nextInt(50) + "#" + random.nextInt(20)),
                            "octocat",
                            List.of(Part.text("opened a pull request")),
                            codec.lazyObject(body),
                            Optional.of(UUID.randomUUID().toString()),
                            Instant.now(),
                            Message.WEBHOOK,
                            Trust.MEDIUM));
                    accepted.incrementAndGet();
                    if (start > middle && n < times.length) {
                        times[n++] = System.nanoTime() - start;
                        measured.incrementAndGet();
                    }
                }
                took[me] = Arrays.copyOf(times, n);
            });
            all.add(thread);
            thread.start();
        }
        var os = (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        while (System.nanoTime() < middle) {
            LockSupport.parkNanos(10_000_000);
        }
        long cpu = os.getProcessCpuTime();
        Map<String, Long> before = cpuByThread();
        long start = System.nanoTime();
        long commits = store.stats().commits();
        long from = accepted.get();
        long most = 0;
        while (System.nanoTime() < end) {
            LockSupport.parkNanos(100_000_000);
            most = Math.max(most, store.stats().walBytes());
        }
        double span = (System.nanoTime() - start) / 1e9;
        long rows = accepted.get() - from;
        cpu = os.getProcessCpuTime() - cpu;
        cpuByThread().forEach((name, nanos) -> {
            double each = (nanos - before.getOrDefault(name, 0L)) / 1e3 / rows;
            if (each > 0.5) {
                System.out.printf("  %-28s %6.1f us CPU each%n", name, each);
            }
        });
        commits = store.stats().commits() - commits;
        for (Thread thread : all) {
            thread.join();
        }
        long[] times =
                Arrays.stream(took).flatMapToLong(Arrays::stream).sorted().toArray();
        System.out.printf(
                "threads %d window %d ms: %.0f accepted/s, %.0f commits/s, %.1f us CPU each, p50 %.2f ms p99 %.2f ms max %.1f ms,"
                        + " wal at most %d MB, routed %d in %d calls, depth %d%n",
                threads,
                window,
                rows / span,
                commits / span,
                cpu / 1e3 / rows,
                times[times.length / 2] / 1e6,
                times[(int) (times.length * 0.99)] / 1e6,
                times[times.length - 1] / 1e6,
                most >> 20,
                routed.get(),
                calls.get(),
                inbox.depth().unrouted());
        inbox.close();
        store.close();
        pools.close();
        try (var files = Files.walk(data)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(path -> path.toFile().delete());
        }
    }

    private static Map<String, Long> cpuByThread() {
        var beans = ManagementFactory.getThreadMXBean();
        Map<String, Long> cpu = new java.util.TreeMap<>();
        for (var info : beans.getThreadInfo(beans.getAllThreadIds())) {
            if (info != null) {
                long nanos = beans.getThreadCpuTime(info.getThreadId());
                cpu.merge(info.getThreadName().replaceAll("^Thread-\\d+", "callers"), nanos, Long::sum);
            }
        }
        return cpu;
    }

    private static byte[][] bodies() {
        Random random = new Random(7);
        byte[][] bodies = new byte[64][];
        for (int i = 0; i < bodies.length; i++) {
            StringBuilder json = new StringBuilder("{\"action\":\"opened\",\"number\":" + i + ",\"items\":[");
            int size = 6000 + random.nextInt(20_000);
            while (json.length() < size) {
                json.append("{\"id\":")
                        .append(random.nextInt())
                        .append(",\"url\":\"https://api.example.org/repos/octo/")
                        .append(Long.toHexString(random.nextLong()))
                        .append("\",\"site_admin\":false},");
            }
            bodies[i] = json.append("0]}").toString().getBytes(StandardCharsets.UTF_8);
        }
        return bodies;
    }
}
