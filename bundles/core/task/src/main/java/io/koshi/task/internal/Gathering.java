package io.koshi.task.internal;

import io.koshi.codec.Codec;
import io.koshi.store.Store;
import io.koshi.store.Tx;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Brings results of batches to their aggregator as JSON lines, a page of rows in memory at a time. Thread-safe. */
final class Gathering {
    private static final int PAGE = 50;
    private static final int INLINE = 16_000;

    private final Store store;
    private final Payloads payloads;
    private final Codec codec;

    Gathering(Store store, Payloads payloads, Codec codec) {
        this.store = store;
        this.payloads = payloads;
        this.codec = codec;
    }

    /** Results in a blob, and the text where it is short. */
    record Results(String ref, Optional<String> text, long lines) {}

    Results gather(long split) {
        Lines lines = new Lines(split);
        String ref = payloads.put(lines);
        boolean inline = lines.bytes <= INLINE;
        return new Results(ref, inline ? Optional.of(payloads.read(ref)) : Optional.empty(), lines.count);
    }

    /**
     * Gives them to the aggregator: behind its prompt, or by reference where they are long. False when it has no
     * prompt and so nothing to do with them.
     */
    boolean hand(Tx tx, long n, Results results) {
        String more = results.text()
                .map(text -> "\n\nResults, one JSON object a line:\n" + text)
                .orElse("\n\nThe " + results.lines() + " results, one JSON object a line, are in the input file.");
        return tx.update(
                        "UPDATE task_body SET prompt = prompt || ?, input_ref = ? WHERE task = ? AND prompt <> ''",
                        more,
                        results.ref(),
                        n)
                > 0;
    }

    /** The lines of a split, read as they are asked for. Confined to its reader. */
    private final class Lines extends InputStream {
        private final long split;
        private long after;
        private byte[] page = new byte[0];
        private int at;
        private boolean over;
        private long bytes;
        private long count;

        Lines(long split) {
            this.split = split;
        }

        @Override
        public int read() {
            return fill() ? page[at++] & 0xFF : -1;
        }

        @Override
        public int read(byte[] into, int offset, int length) {
            if (!fill()) {
                return -1;
            }
            int taken = Math.min(length, page.length - at);
            System.arraycopy(page, at, into, offset, taken);
            at += taken;
            return taken;
        }

        private boolean fill() {
            while (at == page.length) {
                if (over) {
                    return false;
                }
                next();
            }
            return true;
        }

        private void next() {
            record Line(long n, Map<String, Object> data) {}
            List<Line> lines = store.read(tx -> tx.query(
                    "SELECT t.n, t.id, t.status, t.error, a.result, a.result_ref FROM task t"
                            + " LEFT JOIN task_attempt a ON a.task = t.n AND a.n = t.attempts AND t.status = 'done'"
                            + " WHERE t.split = ? AND t.n > ? ORDER BY t.n LIMIT " + PAGE,
                    row -> {
                        Map<String, Object> data = new LinkedHashMap<>();
                        data.put("taskId", row.text("id"));
                        data.put("status", row.text("status"));
                        row.optional("result")
                                .or(() -> row.optional("result_ref").map(payloads::read))
                                .ifPresent(result -> data.put("result", result));
                        row.optional("error").ifPresent(error -> data.put("error", error));
                        return new Line(row.number("n"), data);
                    },
                    split,
                    after));
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            for (Line line : lines) {
                out.writeBytes(codec.json(line.data()));
                out.write('\n');
                after = line.n();
                count++;
            }
            page = out.toByteArray();
            at = 0;
            bytes += page.length;
            over = lines.size() < PAGE;
        }
    }
}
