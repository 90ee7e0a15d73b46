package io.koshi.memory.internal;

import io.koshi.model.Spending;
import io.koshi.model.Usage;
import io.koshi.store.Store;
import io.koshi.store.StoreStats;
import io.koshi.store.TextIndex;
import io.koshi.testkit.PlainHttp;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** The memory room's neighbours, and the Java client as it comes. */
final class Room extends io.koshi.testkit.room.Room implements Spending {
    /** Tokens by purpose and model. */
    final Map<String, Long> embedded = new ConcurrentHashMap<>();

    final PlainHttp http = new PlainHttp();

    Room(Path folder) {
        super(folder);
    }

    @Override
    public void spent(Purpose purpose, String model, Usage used) {
        embedded.merge(purpose + " " + model, used.inputTokens(), Long::sum);
    }

    Recollection recollection() {
        return recollection(sqlite);
    }

    Recollection recollection(Store store) {
        return new Recollection(store, this, this, codec, pools, http, this);
    }

    /** The same store as it is while the disk is nearly full. */
    Store withDiskShort() {
        return new Store() {
            @Override
            public <T> CompletableFuture<T> write(Work<T> work) {
                return sqlite.write(work);
            }

            @Override
            public <T> T writeNow(Work<T> work) {
                return sqlite.writeNow(work);
            }

            @Override
            public <T> T read(Work<T> work) {
                return sqlite.read(work);
            }

            @Override
            public void migrate(String room, List<String> steps) {
                sqlite.migrate(room, steps);
            }

            @Override
            public TextIndex textIndex(String name) {
                return sqlite.textIndex(name);
            }

            @Override
            public boolean diskShort() {
                return true;
            }

            @Override
            public StoreStats stats() {
                return sqlite.stats();
            }
        };
    }
}
