package io.koshi.agent.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.store.Store;
import io.koshi.store.StoreStats;
import io.koshi.store.TextIndex;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/** A store that refuses the next so many writes, as on a full disk. */
record BalkyStore(Store store, AtomicInteger refusals) implements Store {
    @Override
    public <T> CompletableFuture<T> write(Work<T> work) {
        return refusals.getAndUpdate(n -> Math.max(0, n - 1)) > 0
                ? CompletableFuture.failedFuture(
                        new KoshiException(ErrorCode.SERVICE_UNAVAILABLE, "the database cannot be written"))
                : store.write(work);
    }

    @Override
    public <T> T writeNow(Work<T> work) {
        return store.writeNow(work);
    }

    @Override
    public <T> T read(Work<T> work) {
        return store.read(work);
    }

    @Override
    public void migrate(String room, List<String> steps) {
        store.migrate(room, steps);
    }

    @Override
    public TextIndex textIndex(String name) {
        return store.textIndex(name);
    }

    @Override
    public boolean diskShort() {
        return store.diskShort();
    }

    @Override
    public StoreStats stats() {
        return store.stats();
    }
}
