package io.koshi.outbox.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.File;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kills the outbox with SIGKILL while it stores and sends, and counts what the platform got. */
final class OutboxKillTest {
    @TempDir
    Path data;

    @Test
    void everyReplyArrivesOnceOrIsMarkedAPossibleDuplicate() throws Exception {
        storm(5);
    }

    @Test
    @Tag("extended")
    void everyReplyArrivesOnceOrIsMarkedThroughALongStorm() throws Exception {
        storm(40);
    }

    private void storm(int kills) throws Exception {
        Random random = new Random();
        for (int run = 1; run <= kills; run++) {
            Process child = start(run, 100_000);
            try (BufferedReader out = output(child)) {
                assertThat(out.readLine()).isEqualTo("ready");
                // a random moment, measured in what the platform has got, is the point of this test
                long until = size() + 200 + random.nextInt(6_000);
                long patience = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
                while (size() < until && System.nanoTime() < patience) {
                    Thread.onSpinWait();
                }
            } finally {
                child.destroyForcibly().waitFor();
            }
        }
        Process last = start(kills + 1, 50);
        try (BufferedReader out = output(last)) {
            assertThat(out.readLine()).isEqualTo("ready");
            assertThat(out.readLine()).isEqualTo("done");
        } finally {
            last.destroyForcibly().waitFor();
        }
        count(kills);
    }

    private long size() throws Exception {
        Path platform = data.resolve("platform");
        return Files.exists(platform) ? Files.size(platform) : 0;
    }

    private void count(int kills) throws Exception {
        Set<String> promised = new HashSet<>(Files.readAllLines(data.resolve("promised")));
        Map<String, Integer> newest = new HashMap<>();
        Set<String> seen = new HashSet<>();
        int repeats = 0;
        for (String line : Files.readAllLines(data.resolve("platform"))) {
            String[] words = line.split(" ");
            String text = words[0] + " " + words[1];
            if (!seen.add(text)) {
                repeats++;
                assertThat(words[3]).as("a repeat is marked: %s", line).isEqualTo("true");
            }
            int number = Integer.parseInt(words[1]);
            assertThat(number)
                    .as("order in %s: %s", words[0], line)
                    .isGreaterThanOrEqualTo(newest.getOrDefault(words[0], 0));
            newest.put(words[0], number);
        }
        try (Rig rig = new Rig(data, Rig.QUICK)) {
            List<Ledger.Dead> dead = rig.outbox.dead(0, 100);
            assertThat(dead.size()).as("cut off again and again").isLessThanOrEqualTo(kills);
            promised.removeAll(seen);
            assertThat(promised.size())
                    .as("neither sent nor dead: %s", promised)
                    .isLessThanOrEqualTo(dead.size());
        }
        System.err.printf("%d kills, %d replies, %d marked repeats%n", kills, seen.size(), repeats);
    }

    private Process start(int run, int count) throws Exception {
        String java = System.getProperty("java.home") + File.separator + "bin" + File.separator + "java";
        return new ProcessBuilder(
                        java,
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        KilledOutbox.class.getName(),
                        data.toString(),
                        Integer.toString(run),
                        Integer.toString(count))
                .redirectError(data.resolve("errors-" + run).toFile())
                .start();
    }

    private static BufferedReader output(Process child) {
        return new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8));
    }
}
