package io.koshi.memory.internal;

import io.koshi.api.Pools;
import io.koshi.config.Config.EmbeddingsBlock;
import io.koshi.config.Settings;
import io.koshi.store.Store;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds memories by meaning, where {@code memory.embeddings} names a service. It never holds up a search: a service
 * that is down or slow is not asked again for half a minute, and words alone answer meanwhile. Thread-safe.
 */
final class Meaning {
    private static final Logger LOG = LoggerFactory.getLogger(Meaning.class);
    private static final Duration PAUSE = Duration.ofSeconds(30);
    private static final Duration QUERY_LIMIT = Duration.ofSeconds(5);
    private static final int REMEMBERED = 256;

    /** How many are compared exactly of those whose bits are near. */
    private static final int LOOKED_AT = 100;

    /** What is less near than this, of the nearest, has nothing to do with it. */
    private static final double NEAR_ENOUGH = 0.75;

    private final Settings settings;
    private final Store store;
    private final EmbeddingService service;
    private final VectorShelf shelf;
    private final Breaker breaker = new Breaker(PAUSE, System::nanoTime);
    private final Map<String, float[]> asked = Collections.synchronizedMap(new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, float[]> eldest) {
            return size() > REMEMBERED;
        }
    });

    Meaning(Settings settings, Store store, EmbeddingService service, Pools pools) {
        this.settings = settings;
        this.store = store;
        this.service = service;
        this.shelf = new VectorShelf(settings, store, service, pools);
    }

    /** A memory and the cosine of its angle to what was asked. */
    record Near(long id, double cosine) {}

    /** The vector of what is asked, under way; empty at once where there is no use in asking. */
    Optional<CompletableFuture<float[]>> ask(String words) {
        Optional<EmbeddingsBlock> config = settings.config().memory().embeddings();
        if (config.isEmpty() || words.isBlank()) {
            return Optional.empty();
        }
        if (shelf.empty(config.get().model())) {
            shelf.wake();
            return Optional.empty();
        }
        String key = config.get().model() + "\n" + words;
        float[] known = asked.get(key);
        if (known != null) {
            return Optional.of(CompletableFuture.completedFuture(known));
        }
        if (!breaker.mayAsk()) {
            return Optional.empty();
        }
        long begin = System.nanoTime();
        return Optional.of(service.vectors(config.get(), List.of(words), QUERY_LIMIT)
                .thenApply(vectors -> vectors.get(0))
                .whenComplete((vector, failure) -> {
                    if (failure != null) {
                        trouble(failure);
                        return;
                    }
                    asked.put(key, vector);
                    if (System.nanoTime() - begin
                            <= TimeUnit.MILLISECONDS.toNanos(config.get().waitMs())) {
                        breaker.worked();
                    }
                }));
    }

    /** The nearest memories once the vector is here; none when it does not come in time. */
    List<Near> nearest(CompletableFuture<float[]> vector, int limit) throws InterruptedException {
        try {
            long wait = settings.config()
                    .memory()
                    .embeddings()
                    .map(config -> (long) config.waitMs())
                    .orElse(0L);
            return near(vector.get(wait, TimeUnit.MILLISECONDS), limit);
        } catch (TimeoutException e) {
            breaker.failed();
            return List.of();
        } catch (ExecutionException e) {
            return List.of();
        }
    }

    private List<Near> near(float[] vector, int limit) {
        long[] candidates = shelf.nearest(vector, Math.max(LOOKED_AT, limit));
        List<Near> found = store.read(tx -> {
            List<Near> compared = new ArrayList<>();
            for (long id : candidates) {
                tx.first("SELECT vector FROM memory_vector WHERE memory = ?", row -> row.bytes("vector"), id)
                        .ifPresentOrElse(
                                blob -> compared.add(new Near(id, Vector.cosine(vector, blob))),
                                () -> shelf.forgotten(id));
            }
            return compared;
        });
        found.sort(Comparator.comparingDouble(Near::cosine).reversed().thenComparingLong(Near::id));
        double least = found.isEmpty() ? 0 : found.get(0).cosine() * NEAR_ENOUGH;
        return found.stream()
                .filter(near -> near.cosine() > 0 && near.cosine() >= least)
                .limit(limit)
                .toList();
    }

    private void trouble(Throwable failure) {
        if (breaker.mayAsk()) {
            LOG.info("The embeddings service cannot be asked, words alone find memories: {}", failure.getMessage());
        }
        breaker.failed();
    }

    /** Looks for memories that have no vector yet, in the background; does nothing where there is no service. */
    void wake() {
        shelf.wake();
    }

    void close() {
        shelf.close();
    }
}
