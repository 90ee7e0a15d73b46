package io.koshi.memory.internal;

import io.koshi.api.Pools;
import io.koshi.config.Config.EmbeddingsBlock;
import io.koshi.config.Settings;
import io.koshi.store.Store;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The vectors of memories: read when first needed, and fetched in the background for those that have none, whether
 * they are new, rewritten or older than the service. Thread-safe; all that changes it runs in one round at a time.
 */
final class VectorShelf {
    private static final Logger LOG = LoggerFactory.getLogger(VectorShelf.class);
    private static final int BATCH = 32;
    private static final int PAGE = 2000;
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);

    private final Settings settings;
    private final Store store;
    private final EmbeddingService service;
    private final Pools pools;
    private final AtomicBoolean busy = new AtomicBoolean();
    private volatile boolean again;
    private volatile boolean closed;
    private volatile Loaded loaded;
    private Duration pause = FIRST_PAUSE;

    VectorShelf(Settings settings, Store store, EmbeddingService service, Pools pools) {
        this.settings = settings;
        this.store = store;
        this.service = service;
        this.pools = pools;
    }

    private record Loaded(String model, SignBits signs, Neighbours neighbours) {}

    private record Text(long id, String content, String text) {}

    /** Whether nothing can be found by meaning now. */
    boolean empty(String model) {
        Loaded now = loaded;
        return now == null || !now.model().equals(model);
    }

    long[] nearest(float[] vector, int most) {
        Loaded now = loaded;
        return now == null ? new long[0] : now.neighbours().nearest(now.signs().of(vector), most);
    }

    void forgotten(long id) {
        Loaded now = loaded;
        if (now != null) {
            now.neighbours().remove(id);
        }
    }

    void wake() {
        if (closed || settings.config().memory().embeddings().isEmpty()) {
            return;
        }
        again = true;
        if (busy.compareAndSet(false, true)) {
            start();
        }
    }

    private void start() {
        try {
            pools.work().execute(this::rounds);
        } catch (RejectedExecutionException e) {
            busy.set(false); // the hub ends
        }
    }

    private void rounds() {
        try {
            while (again && !closed) {
                again = false;
                Optional<EmbeddingsBlock> config = settings.config().memory().embeddings();
                while (config.isPresent() && !closed && round(config.get())) {
                    pause = FIRST_PAUSE;
                    config = settings.config().memory().embeddings();
                }
            }
            busy.set(false);
            if (again) {
                wake();
            }
        } catch (InterruptedException e) {
            busy.set(false);
        } catch (ExecutionException | TimeoutException | RuntimeException e) {
            later(e);
        }
    }

    private void later(Exception failure) {
        if (closed) {
            return;
        }
        LOG.info(
                "Memories get their vectors later, the next try is in {} s: {}",
                pause.toSeconds(),
                failure.getMessage());
        again = true;
        pools.timer().schedule(this::start, pause.toMillis(), TimeUnit.MILLISECONDS);
        Duration twice = pause.multipliedBy(2);
        pause = twice.compareTo(LONGEST_PAUSE) < 0 ? twice : LONGEST_PAUSE;
    }

    /** Fetches some vectors; false when there is nothing to fetch. */
    private boolean round(EmbeddingsBlock config) throws InterruptedException, ExecutionException, TimeoutException {
        if (dropOthers(config.model())) {
            return true;
        }
        if (empty(config.model())) {
            load(config.model());
        }
        List<Text> texts = store.read(tx -> tx.query(
                "SELECT id, content, tags FROM memory WHERE embedded = 0 ORDER BY id DESC LIMIT ?",
                row -> new Text(
                        row.number("id"),
                        row.text("content"),
                        MemoryTable.indexed(row.text("content"), Tags.of(row.text("tags")))),
                BATCH));
        if (texts.isEmpty()) {
            return false;
        }
        List<float[]> vectors = service.vectors(
                        config, texts.stream().map(Text::text).toList(), LIMIT)
                .get(LIMIT.toMillis() + 1000, TimeUnit.MILLISECONDS);
        keep(config.model(), texts, vectors);
        return true;
    }

    /** Takes the vectors of another model away, a page at a time; whether there was one. */
    private boolean dropOthers(String model) {
        List<Long> others = store.read(tx -> tx.query(
                "SELECT memory FROM memory_vector WHERE model < ? OR model > ? LIMIT ?",
                row -> row.number("memory"),
                model,
                model,
                PAGE));
        if (others.isEmpty()) {
            return false;
        }
        return store.writeNow(tx -> {
            for (long id : others) {
                tx.update("UPDATE memory SET embedded = 0 WHERE id = ?", id);
                tx.update("DELETE FROM memory_vector WHERE memory = ?", id);
            }
            return true;
        });
    }

    private void load(String model) {
        record Bits(long id, long[] bits, int dimensions) {}
        Loaded fresh = null;
        long after = 0;
        List<Bits> page;
        do {
            long from = after;
            page = store.read(tx -> tx.query(
                    "SELECT memory, bits, length(vector) AS bytes FROM memory_vector WHERE memory > ? ORDER BY memory"
                            + " LIMIT ?",
                    row -> new Bits(
                            row.number("memory"),
                            Vector.bits(row.bytes("bits")),
                            (int) row.number("bytes") / Float.BYTES),
                    from,
                    PAGE));
            for (Bits each : page) {
                fresh = fresh == null ? fresh(model, each.dimensions()) : fresh;
                if (each.bits().length == fresh.signs().words()) {
                    fresh.neighbours().put(each.id(), each.bits());
                }
                after = each.id();
            }
        } while (page.size() == PAGE && !closed);
        loaded = fresh;
    }

    private static Loaded fresh(String model, int dimensions) {
        SignBits signs = new SignBits(dimensions);
        return new Loaded(model, signs, new Neighbours(signs.words()));
    }

    private void keep(String model, List<Text> texts, List<float[]> vectors) {
        Loaded into = empty(model) ? fresh(model, vectors.get(0).length) : loaded;
        List<long[]> bits = vectors.stream().map(into.signs()::of).toList();
        store.writeNow(tx -> {
            for (int i = 0; i < texts.size(); i++) {
                Text text = texts.get(i);
                if (tx.update("UPDATE memory SET embedded = 1 WHERE id = ? AND content = ?", text.id(), text.content())
                        > 0) {
                    tx.update(
                            "INSERT OR REPLACE INTO memory_vector (memory, model, bits, vector) VALUES (?, ?, ?, ?)",
                            text.id(),
                            model,
                            Vector.blob(bits.get(i)),
                            Vector.blob(vectors.get(i)));
                }
            }
            return null;
        });
        for (int i = 0; i < texts.size(); i++) {
            into.neighbours().put(texts.get(i).id(), bits.get(i));
        }
        loaded = into;
    }

    void close() {
        closed = true;
    }
}
