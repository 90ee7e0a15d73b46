package io.koshi.router.internal;

import io.koshi.api.Address;
import io.koshi.api.Message;
import io.koshi.codec.Codec;
import io.koshi.config.Config;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/** Decisions a second of the real rule table; in the table's package, since it is nobody else's business. */
public final class RuleRates {
    private RuleRates() {}

    /**
     * @param rules how many
     * @param simple the share of rules that are equality on channel and event; the rest are half glob, half regex
     * @param codec makes messages of bodies, which each decision parses anew as far as its rules ask
     * @return decisions a second on the calling thread
     */
    public static double decisions(int rules, double simple, Codec codec, List<byte[]> bodies, double seconds) {
        List<Config.RouteBlock> routes = new ArrayList<>();
        Random random = new Random(5);
        for (int i = 0; i < rules; i++) {
            Map<String, Object> match;
            if (random.nextDouble() < simple) {
                match = Map.of("channel", "channel" + i % 40, "event", "event" + i);
            } else if (i % 2 == 0) {
                match = Map.of("channel", "channel" + i % 40, "repository.full_name", "octo/never-" + i + "*");
            } else {
                match = Map.of("pull_request.title", Map.of("regex", "^(fix|feat)\\(" + i + "\\):.*"));
            }
            routes.add(new Config.RouteBlock(Optional.of("r" + i), match, Map.of("drop", true), Optional.empty()));
        }
        RuleTable table = RuleTable.compile(routes, Config.Unmatched.DROP);
        if (!table.problems().isEmpty()) {
            throw new IllegalStateException(table.problems().toString());
        }
        List<Message> messages = new ArrayList<>();
        for (int i = 0; i < 256; i++) {
            messages.add(Message.of(Address.of("channel" + random.nextInt(40), "c" + i), "hello")
                    .withFields(codec.lazyObject(bodies.get(i % bodies.size()))));
        }
        run(table, messages, seconds / 3);
        return run(table, messages, seconds);
    }

    private static double run(RuleTable table, List<Message> messages, double seconds) {
        Instant now = Instant.now();
        long begin = System.nanoTime();
        long end = begin + (long) (seconds * 1e9);
        long decided = 0;
        int seen = 0;
        while (System.nanoTime() < end) {
            for (Message message : messages) {
                seen += table.decide(table.subject(message, now)).hashCode() & 1;
            }
            decided += messages.size();
        }
        if (seen < 0) {
            throw new IllegalStateException();
        }
        return decided / ((System.nanoTime() - begin) / 1e9);
    }
}
