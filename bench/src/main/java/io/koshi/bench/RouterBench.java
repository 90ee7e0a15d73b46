package io.koshi.bench;

import io.koshi.codec.Codec;
import io.koshi.router.internal.RuleRates;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The router's decision alone: 1,000 rules, one core, messages in turn. */
final class RouterBench implements Bench.Story {
    @Override
    public void run(Path scratch) {
        Codec codec = new io.koshi.codec.internal.RecordCodec();
        List<byte[]> events = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            events.add(("{\"event\":\"event" + i * 16 + "\",\"repository\":{\"full_name\":\"octo/r" + i
                            + "\"},\"pull_request\":{\"title\":\"feat: t" + i + "\"}}")
                    .getBytes(StandardCharsets.UTF_8));
        }
        Table table =
                new Table("Router, 1,000 rules, one core; no disk in this path", "rules", "messages", "decisions/s");
        table.row("95 % equality, 5 % glob and regex", "small", RuleRates.decisions(1000, 0.95, codec, events, 6));
        table.row(
                "95 % equality, 5 % glob and regex",
                "6–26 KB deliveries", RuleRates.decisions(1000, 0.95, codec, IngestBench.bodies(), 6));
        table.row("none simple: half glob, half regex", "small", RuleRates.decisions(1000, 0, codec, events, 6));
        table.print(System.out);
    }
}
