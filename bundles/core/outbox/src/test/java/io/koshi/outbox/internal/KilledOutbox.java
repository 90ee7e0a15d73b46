package io.koshi.outbox.internal;

import io.koshi.api.Channel;
import io.koshi.api.Receipt;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;

/**
 * The process that {@link OutboxKillTest} kills: stores replies as fast as it can and sends them to a
 * platform that is a file. Arguments: the data directory, which run this is, how many replies to store.
 */
final class KilledOutbox {
    private KilledOutbox() {}

    public static void main(String[] args) throws Exception {
        Path data = Path.of(args[0]);
        int run = Integer.parseInt(args[1]);
        int count = Integer.parseInt(args[2]);
        try (OutputStream promised = append(data.resolve("promised"));
                OutputStream platform = append(data.resolve("platform"));
                Rig rig = new Rig(
                        data,
                        new Pace(Duration.ofMillis(20), Duration.ofMillis(100), Duration.ofSeconds(10), 1000, 8))) {
            Channel channel = reply -> {
                line(platform, reply.text() + " " + reply.attempt() + " " + reply.duplicate());
                // the window in which the platform has it and the hub does not know
                LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(3_000_000));
                return Receipt.sent();
            };
            rig.offer(channel);
            System.out.println("ready");
            for (int i = 0; i < count; i++) {
                String text = "c" + i % 4 + " " + (run * 1_000_000 + i);
                rig.say("c" + i % 4, text);
                line(promised, text);
            }
            while (rig.outbox.stats().pending() > 0) {
                LockSupport.parkNanos(20_000_000);
            }
            System.out.println("done");
        }
    }

    private static OutputStream append(Path file) throws Exception {
        return Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    /** One write for a line, which a kill does not tear. */
    private static void line(OutputStream out, String line) throws java.io.IOException {
        synchronized (out) {
            out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
        }
    }
}
