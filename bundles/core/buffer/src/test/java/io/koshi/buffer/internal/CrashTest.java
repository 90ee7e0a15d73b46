package io.koshi.buffer.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.koshi.api.Accepted;
import io.koshi.api.Entry;
import io.koshi.api.Message;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kills a writing process again and again; what it acknowledged must be there, once. */
class CrashTest {
    private static final int KILLS = 5;

    @TempDir
    Path data;

    /** What the child does: accepts on eight threads, routes half of it, and says so after each commit. */
    static final class Writer {
        private Writer() {}

        public static void main(String[] args) throws Exception {
            PrintStream out = System.out;
            House house = new House(Path.of(args[0]));
            house.settings.configure(java.util.Map.of(
                    "buffer", java.util.Map.of("batchWindowMs", 5L), "store", java.util.Map.of("minFreeMB", 0L)));
            house.inbox.open(batches -> {
                List<Entry> even = batches.stream()
                        .flatMap(batch -> batch.entries().stream())
                        .filter(entry -> entry.entry() % 2 == 0)
                        .toList();
                house.store.writeNow(tx -> {
                    house.inbox.done(tx, even.stream().map(Entry::entry).toList(), java.util.Optional.of("even"));
                    return null;
                });
                even.forEach(entry -> say(out, "routed " + entry.id()));
                throw new io.koshi.buffer.Buffer.Unrouted(batches.stream()
                        .collect(java.util.stream.Collectors.toMap(
                                io.koshi.api.Batch::id,
                                batch -> new io.koshi.api.KoshiException(
                                        io.koshi.api.ErrorCode.SERVICE_UNAVAILABLE, "odd ones stay"))));
            });
            for (int t = 0; t < 8; t++) {
                int me = t;
                Thread thread = new Thread(() -> {
                    for (int i = 0; ; i++) {
                        Message message = House.message("t", "c" + me, args[1] + "-" + me + "-" + i)
                                .withExternalId(args[1] + "-" + me + "-" + i);
                        Accepted accepted = house.inbox.accept(message);
                        say(out, "accepted " + accepted.id());
                    }
                });
                thread.start();
            }
        }

        private static void say(PrintStream out, String line) {
            out.write((line + "\n").getBytes(StandardCharsets.UTF_8), 0, line.length() + 1);
            out.flush();
        }
    }

    @Test
    void whatWasAcknowledgedIsThereAfterAKill() throws Exception {
        List<String> accepted = new ArrayList<>();
        Set<String> routed = new HashSet<>();
        Random random = new Random();
        for (int kill = 0; kill < KILLS; kill++) {
            run("run" + kill, 100 + random.nextInt(400), accepted, routed);
        }
        assertThat(accepted).hasSizeGreaterThan(KILLS * 50).doesNotHaveDuplicates();
        assertThat(routed).isNotEmpty();

        try (House house = new House(data)) {
            assertThat(house.store.<String>read(
                            tx -> tx.first("PRAGMA integrity_check", row -> row.text("integrity_check"))
                                    .orElseThrow()))
                    .isEqualTo("ok");
            Set<String> stored = new HashSet<>(house.store.<List<String>>read(
                    tx -> tx.query("SELECT id FROM buffer_message", row -> row.text("id"))));
            assertThat(stored).containsAll(accepted);

            House.Kept kept = house.new Kept();
            house.inbox.open(kept);
            long left = house.store.read(tx -> tx.number(
                    "SELECT count(*) FROM buffer_message m WHERE NOT EXISTS (SELECT 1 FROM buffer_state s WHERE s.entry ="
                            + " m.entry)"));
            await().until(() -> kept.texts().size() >= left);
            List<String> delivered = kept.batches.stream()
                    .flatMap(batch -> batch.entries().stream())
                    .map(Entry::id)
                    .toList();
            assertThat(delivered).doesNotHaveDuplicates().doesNotContainAnyElementsOf(routed);
            Set<String> all = new HashSet<>(delivered);
            all.addAll(house.store.<List<String>>read(tx -> tx.query(
                    "SELECT m.id FROM buffer_message m JOIN buffer_state s USING (entry) WHERE s.rule =" + " 'even'",
                    row -> row.text("id"))));
            assertThat(all).isEqualTo(stored);
        }
    }

    private void run(String name, int lines, List<String> accepted, Set<String> routed)
            throws IOException, InterruptedException {
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Writer.class.getName(),
                        data.toString(),
                        name)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8))) {
            int read = 0;
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                if (++read == lines) {
                    child.toHandle().destroyForcibly(); // SIGKILL, and what it had said is still read
                }
                if (line.startsWith("accepted ") && line.length() == 35) {
                    accepted.add(line.substring(9));
                } else if (line.startsWith("routed ") && line.length() == 33) {
                    routed.add(line.substring(7));
                }
            }
        } finally {
            child.destroyForcibly().waitFor();
        }
    }
}
