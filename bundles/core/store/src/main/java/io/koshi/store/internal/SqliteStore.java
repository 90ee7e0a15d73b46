package io.koshi.store.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.Health;
import io.koshi.api.KoshiException;
import io.koshi.config.Settings;
import io.koshi.store.Store;
import io.koshi.store.StoreStats;
import io.koshi.store.TextIndex;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/** Keeps everything the hub promises in {@code data/koshi.db}. Thread-safe. */
@Component(
        name = "io.koshi.store",
        service = {Store.class, Health.class},
        configurationPolicy = ConfigurationPolicy.IGNORE)
public final class SqliteStore implements Store, Health {
    private static final Duration STALLED = Duration.ofSeconds(2);
    private static final Duration LOOKED_AFTER = Duration.ofSeconds(10);

    private final Database database;
    private final Connection connection;
    private final Completions completions;
    private final GroupCommit writer;
    private final Checkpoints checkpoints;
    private final Readers readers;
    private final DiskGauge disk;
    private final Soundness soundness;
    private final Map<String, FtsIndex> indexes = new ConcurrentHashMap<>();

    /** @throws KoshiException SERVICE_UNAVAILABLE when the file is locked, damaged or cannot be written */
    @Activate
    public SqliteStore(@Reference Settings settings) {
        this(settings, StartRefusal.unless(() -> new Database(settings.data().resolve("koshi.db"))), LOOKED_AFTER);
    }

    SqliteStore(Settings settings, Database database, Duration lookedAfter) {
        this.database = database;
        this.connection = StartRefusal.unless(database::openWriter);
        this.disk = new DiskGauge(settings, settings.data().toFile());
        this.completions = new Completions();
        this.writer = new GroupCommit(new Statements(connection), database.damage(), completions);
        this.readers = new Readers(database);
        this.checkpoints = new Checkpoints(database, writer);
        this.soundness = new Soundness(database, lookedAfter);
        try {
            StartRefusal.unless(() -> writeNow(tx -> tx.update(Migrations.TABLE)));
            soundness.begin();
        } catch (KoshiException e) {
            close();
            throw e;
        }
    }

    @Deactivate
    public void close() {
        soundness.close();
        checkpoints.close();
        writer.close();
        completions.close();
        readers.close();
        database.closeClean(connection);
    }

    @Override
    public <T> CompletableFuture<T> write(Work<T> work) {
        Pending<T> write = new Pending<>(work, false);
        writer.add(write);
        return write.future;
    }

    @Override
    public <T> CompletableFuture<T> writeHere(Work<T> work) {
        Pending<T> write = new Pending<>(work, false, true);
        if (completions.isCurrentThread()) {
            writer.add(write);
        } else {
            writer.addHere(write);
        }
        return write.future;
    }

    @Override
    public <T> T writeNow(Work<T> work) {
        if (completions.isCurrentThread() || writer.isCurrentThread()) {
            throw new IllegalStateException("this thread completes writes and cannot wait for one: use write");
        }
        Pending<T> write = new Pending<>(work, true);
        writer.addHere(write);
        try {
            return Waits.get(write.future);
        } catch (ExecutionException e) {
            throw ((KoshiException) e.getCause());
        }
    }

    @Override
    public <T> T read(Work<T> work) {
        Readers.Reader reader = null;
        try {
            reader = readers.borrow();
            return work.run(new SqliteTx(reader.statements, database.damage()));
        } catch (KoshiException e) {
            throw e;
        } catch (SQLException e) {
            throw database.damage().explain(e);
        } catch (Exception e) {
            throw new KoshiException(
                    ErrorCode.INTERNAL, "a read failed in " + work.getClass().getName() + ": " + e, e);
        } finally {
            if (reader != null) {
                readers.giveBack(reader);
            }
        }
    }

    @Override
    public void migrate(String room, List<String> steps) {
        int applied = read(tx -> Migrations.applied(tx, room, steps));
        for (int version = applied + 1; version <= steps.size(); version++) {
            int next = version;
            writeNow(tx -> {
                Migrations.apply(tx, connection, room, next, steps.get(next - 1));
                return null;
            });
            readers.schemaChanged();
        }
    }

    @Override
    public TextIndex textIndex(String name) {
        return indexes.computeIfAbsent(name, key -> {
            FtsIndex index = new FtsIndex(key);
            migrate("text_" + key, List.of(index.create()));
            return index;
        });
    }

    @Override
    public boolean diskShort() {
        return disk.tight();
    }

    @Override
    public StoreStats stats() {
        return new StoreStats(
                Database.length(database.file()),
                Database.length(database.wal()),
                disk.free(),
                writer.commits(),
                writer.writes(),
                writer.queued());
    }

    @Override
    public Report health() {
        StoreStats stats = stats();
        Map<String, Object> data = new HashMap<>(soundness.data());
        data.putAll(Map.of(
                "bytes", stats.bytes(),
                "walBytes", stats.walBytes(),
                "walPendingBytes", checkpoints.pending(),
                "freeDiskBytes", stats.freeDiskBytes(),
                "commits", stats.commits(),
                "writes", stats.writes(),
                "queued", (long) stats.queued()));
        return report().with(data);
    }

    private Report report() {
        KoshiException damage = database.damage().found();
        if (damage != null) {
            return Report.unhealthy("store", "core", damage.getMessage());
        }
        KoshiException failure = writer.lastFailure();
        if (failure != null) {
            return Report.unhealthy("store", "core", failure.getMessage());
        }
        Duration busy = writer.busyFor();
        if (busy.compareTo(STALLED) > 0) {
            return Report.degraded(
                    "store", "core", "the database has been writing for " + busy.toSeconds() + " s; check the disk");
        }
        String stuck = checkpoints.failure();
        if (stuck != null) {
            return Report.degraded(
                    "store",
                    "core",
                    "the log of the database is not moved into it and grows (" + stuck
                            + "); nothing is lost, check the disk");
        }
        if (disk.tight()) {
            return Report.degraded(
                    "store",
                    "core",
                    "the disk is short of space: new memories and webhooks are refused; free some space");
        }
        return Report.healthy("store", "core");
    }
}
