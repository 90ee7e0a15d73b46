package io.koshi.bench;

import io.koshi.memory.internal.MemoryRates;
import java.nio.file.Path;

/** Memories: how fast 100,000 are stored and searched, and how often the right one is found. */
final class MemoryBench implements Bench.Story {
    private static final int MEMORIES = 100_000;

    @Override
    public void run(Path scratch) throws Exception {
        quality(scratch);
        Table table = new Table(
                "Memory, " + MEMORIES + " memories of 20 words, Zipf; every store is on disk",
                "what",
                "p50 ms",
                "p99 ms",
                "max ms",
                "CPU p99 ms");
        try (MemoryRates rates = new MemoryRates(scratch.resolve("large"), false)) {
            table.row("store, many in flight, amortised", rates.store(MEMORIES), "", "", "");
            rates.storeFacts(false);
            row(table, "store, one by one", rates.storeOneByOne(2000));
            rates.queries(500);
            row(table, "query, 3 to 8 words", rates.queries(3000));
            row(table, "query, the questions", rates.questions());
        }
        try (MemoryRates rates = new MemoryRates(scratch.resolve("fused"), true)) {
            rates.store(MEMORIES);
            rates.storeFacts(true);
            rates.queries(500);
            row(table, "fused query, 512 dimensions, asks the fake", rates.queries(1000));
            row(table, "fused query, vector of the question known", rates.repeated(500));
            table.print(System.out);
        }
    }

    private static void quality(Path scratch) throws Exception {
        Table table = new Table("", "found by", "recall@1", "recall@5", "held out @1", "held out @5");
        String set = "";
        for (boolean fused : new boolean[] {false, true}) {
            try (MemoryRates rates = new MemoryRates(scratch.resolve("quality" + fused), fused)) {
                rates.storeFacts(fused);
                set = rates.set();
                double first = rates.recall(1);
                table.row(
                        fused
                                ? "words and the fake's vectors (hashed runs of 3 characters: spelling, no sense)"
                                : "words",
                        first,
                        rates.recall(5),
                        rates.heldOutRecall(1),
                        rates.heldOutRecall(5));
                rates.missed()
                        .forEach(missed -> System.out.println(
                                "  not in the first 5, " + (fused ? "fused" : "words") + ": " + missed));
            }
        }
        System.out.println();
        System.out.println("Retrieval, " + set);
        table.print(System.out);
    }

    private static void row(Table table, String what, MemoryRates.Times times) {
        double[] millis = times.wall();
        double[] cpu = times.cpu();
        table.row(
                what,
                millis[millis.length / 2],
                millis[(int) Math.ceil(millis.length * 0.99) - 1],
                millis[millis.length - 1],
                cpu[(int) Math.ceil(cpu.length * 0.99) - 1]);
    }
}
