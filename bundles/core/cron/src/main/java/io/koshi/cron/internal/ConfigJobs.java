package io.koshi.cron.internal;

import io.koshi.api.KoshiException;
import io.koshi.api.Trust;
import io.koshi.config.Settings;
import io.koshi.cron.internal.CronViews.State;
import io.koshi.cron.internal.Job.Origin;
import io.koshi.cron.internal.JobTable.Stored;
import io.koshi.store.Store;
import io.koshi.store.Tx;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the jobs on disk those of koshi.yaml; one whose times did not change keeps its place. Thread-safe. */
final class ConfigJobs {
    private static final int PAGE = 200;
    private static final Logger LOG = LoggerFactory.getLogger(ConfigJobs.class);

    private final Store store;
    private final Settings settings;
    private final JobTable table;
    private final Jobs jobs;

    ConfigJobs(Store store, Settings settings, JobTable table, Jobs jobs) {
        this.store = store;
        this.settings = settings;
        this.table = table;
        this.jobs = jobs;
    }

    /** A job of the file, and the text it has on disk. */
    private record Wanted(Spec spec, String text, ZoneId zone) {}

    /**
     * The active jobs on disk, which are those of the file now.
     *
     * @param specs of those that had been read anyway, by their rows
     */
    record Taken(List<Stored> rows, Map<Long, Spec> specs) {}

    /** A page of changes is one commit, so that others write meanwhile; a kill in between leaves the rest to the next start. */
    Taken take(Instant now) {
        List<Stored> rows = table.active();
        Map<String, Wanted> wanted = wanted();
        List<Consumer<Tx>> changes = changes(rows, wanted, now);
        for (int i = 0; i < changes.size(); i += PAGE) {
            List<Consumer<Tx>> page = changes.subList(i, Math.min(i + PAGE, changes.size()));
            store.writeNow(tx -> {
                page.forEach(change -> change.accept(tx));
                return page.size();
            });
        }
        List<Stored> taken = changes.isEmpty() ? rows : table.active();
        Map<Long, Spec> specs = new HashMap<>();
        for (Stored row : taken) {
            Wanted known = row.origin() == Origin.CONFIG ? wanted.get(row.name()) : null;
            if (known != null && known.text().equals(row.spec())) {
                specs.put(row.n(), known.spec());
            }
        }
        return new Taken(taken, specs);
    }

    private Map<String, Wanted> wanted() {
        Map<String, Wanted> wanted = new LinkedHashMap<>();
        for (Map<String, Object> entry : settings.config().cron()) {
            try {
                Spec spec = jobs.spec(entry);
                if (spec.enabled()) {
                    wanted.put(spec.name(), new Wanted(spec, jobs.text(spec), Jobs.zone(spec)));
                }
            } catch (KoshiException e) {
                leftOut(e);
            }
        }
        return wanted;
    }

    private static void leftOut(KoshiException e) {
        LOG.warn("a job of koshi.yaml is left out: {}", e.getMessage());
    }

    private List<Consumer<Tx>> changes(List<Stored> rows, Map<String, Wanted> wanted, Instant now) {
        Map<String, Wanted> missing = new LinkedHashMap<>(wanted);
        List<Consumer<Tx>> changes = new ArrayList<>();
        for (Stored stored : rows) {
            if (stored.origin() != Origin.CONFIG) {
                continue;
            }
            Wanted still = missing.remove(stored.name());
            if (still != null
                    && still.text().equals(stored.spec())
                    && still.zone().equals(stored.zone())) {
                continue;
            }
            if (still != null && good(still)) {
                Optional<Instant> since = sameTimes(stored, still) ? Optional.empty() : Optional.of(now);
                changes.add(tx -> table.change(tx, stored.n(), still.text(), still.zone(), since, now));
            } else {
                changes.add(tx -> table.end(tx, stored.n(), State.CANCELLED, now));
            }
        }
        missing.forEach((name, job) -> {
            if (good(job)) {
                changes.add(tx -> table.add(tx, name, Origin.CONFIG, Trust.HIGH, job.text(), job.zone(), now));
            }
        });
        return changes;
    }

    /** What is on disk already was found good once. */
    private boolean good(Wanted job) {
        try {
            jobs.job(0, "", Origin.CONFIG, Trust.HIGH, job.spec(), job.zone(), Instant.EPOCH, Instant.EPOCH);
            return true;
        } catch (KoshiException e) {
            leftOut(e);
            return false;
        }
    }

    private boolean sameTimes(Stored stored, Wanted job) {
        Spec old = jobs.spec(stored.spec());
        return job.zone().equals(stored.zone())
                && old.schedule().equals(job.spec().schedule())
                && old.active().equals(job.spec().active());
    }
}
