package io.koshi.memory.internal;

import io.koshi.api.Trust;
import io.koshi.memory.Memories.Note;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** What the real memory room takes and gives; in its package, since it is nobody else's business. */
public final class MemoryRates implements AutoCloseable {
    private static final int VOCABULARY = 50_000;
    private static final int PIPELINE = 256;

    private final Room room;
    private final Recollection memories;
    private final FakeEmbeddings service;
    private final Retrieval retrieval = Retrieval.known();
    private final Retrieval heldOut = Retrieval.heldOut();
    private final Random random = new Random(11);

    /** @param meaning whether the fake service of embeddings is asked too */
    public MemoryRates(Path folder, boolean meaning) throws Exception {
        this.room = new Room(folder);
        this.service = new FakeEmbeddings();
        if (meaning) {
            room.configure(Map.of(
                    "memory",
                    Map.of("embeddings", Map.of("endpoint", service.endpoint(), "model", "grams", "waitMs", 5000))));
        }
        this.memories = room.recollection();
    }

    /**
     * Stores memories of about twenty words each, drawn as words are in languages (Zipf), many in flight.
     *
     * @return milliseconds a memory
     */
    public double store(int count) {
        long begin = System.nanoTime();
        List<CompletableFuture<Long>> flying = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String content = words(20) + " " + i;
            flying.add(room.sqlite.write(tx -> memories.store(tx, note(content))));
            if (flying.size() == PIPELINE) {
                flying.forEach(CompletableFuture::join);
                flying.clear();
            }
        }
        flying.forEach(CompletableFuture::join);
        return (System.nanoTime() - begin) / 1e6 / count;
    }

    /** Stores one after another, each waited for, as one person would; times of each. */
    public Times storeOneByOne(int count) {
        return timed(count, i -> {
            String content = words(20) + " single " + i;
            room.sqlite.writeNow(tx -> memories.store(tx, note(content)));
        });
    }

    /** Puts the facts of the questions among the others, and waits for their vectors where there is a service. */
    public void storeFacts(boolean meaning) throws InterruptedException {
        retrieval.storeAll(room, memories);
        heldOut.storeAll(room, memories);
        long count = memories.stats().count();
        CountDownLatch never = new CountDownLatch(1);
        while (meaning && memories.stats().embedded() < count) {
            never.await(200, TimeUnit.MILLISECONDS);
        }
    }

    /** Queries of three to eight words drawn the same way; times of each. */
    public Times queries(int count) {
        return timed(count, i -> memories.query(words(3 + random.nextInt(6)), 5));
    }

    /** The same query of the same words again and again, whose vector is known: the hub's own part. */
    public Times repeated(int count) {
        String words = words(5);
        return timed(count, i -> memories.query(words, 5));
    }

    /** The questions of the retrieval set, asked of all there is; times of each. */
    public Times questions() {
        return timed(
                retrieval.questions.size(),
                i -> memories.query(retrieval.questions.get(i).text(), 5));
    }

    /** The share of questions whose fact is among the first so many. */
    public double recall(int first) {
        return retrieval.recall(memories, first);
    }

    /** As {@link #recall}, of questions that nothing was tuned by. */
    public double heldOutRecall(int first) {
        return heldOut.recall(memories, first);
    }

    public List<String> missed() {
        return retrieval.missed();
    }

    /** How many facts and questions that is measured by. */
    public String set() {
        return retrieval.facts.size() + " facts, " + retrieval.questions.size() + " questions; held out "
                + heldOut.facts.size() + " facts, " + heldOut.questions.size() + " questions";
    }

    /** Milliseconds, the least first: as a clock has them, and as the asking thread's processor does. */
    public record Times(double[] wall, double[] cpu) {}

    private interface Step {
        void run(int i);
    }

    private static Times timed(int count, Step step) {
        ThreadMXBean cpu = ManagementFactory.getThreadMXBean();
        Times times = new Times(new double[count], new double[count]);
        for (int i = 0; i < count; i++) {
            long begin = System.nanoTime();
            long beginCpu = cpu.getCurrentThreadCpuTime();
            step.run(i);
            times.wall[i] = (System.nanoTime() - begin) / 1e6;
            times.cpu[i] = (cpu.getCurrentThreadCpuTime() - beginCpu) / 1e6;
        }
        Arrays.sort(times.wall);
        Arrays.sort(times.cpu);
        return times;
    }

    private String words(int count) {
        return IntStream.range(0, count)
                .mapToObj(i ->
                        "w" + Integer.toString((int) Math.exp(random.nextDouble() * Math.log(VOCABULARY)), 36) + "x")
                .collect(Collectors.joining(" "));
    }

    private static Note note(String content) {
        return Note.of(content, List.of(), "bench", Trust.HIGH);
    }

    @Override
    public void close() {
        service.close();
        room.close();
    }
}
