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
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the jobs on disk those of koshi.yaml; one whose times did not change keeps its place. Thread-safe. */
final class ConfigJobs {
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

    void take(Instant now) {
        Map<String, Spec> wanted = wanted();
        boolean none = wanted.isEmpty()
                && store.read(tx -> table.active(tx, Origin.CONFIG)).isEmpty();
        if (!none) {
            store.writeNow(tx -> {
                take(tx, wanted, now);
                return wanted.size();
            });
        }
    }

    private Map<String, Spec> wanted() {
        Map<String, Spec> wanted = new LinkedHashMap<>();
        for (Map<String, Object> entry : settings.config().cron()) {
            try {
                Spec spec = jobs.spec(entry);
                jobs.job(0, "", Origin.CONFIG, Trust.HIGH, spec, Jobs.zone(spec), Instant.EPOCH, Instant.EPOCH);
                if (spec.enabled()) {
                    wanted.put(spec.name(), spec);
                }
            } catch (KoshiException e) {
                LOG.warn("a job of koshi.yaml is left out: {}", e.getMessage());
            }
        }
        return wanted;
    }

    private void take(Tx tx, Map<String, Spec> wanted, Instant now) {
        Map<String, Spec> missing = new LinkedHashMap<>(wanted);
        for (Stored stored : table.active(tx, Origin.CONFIG)) {
            Spec spec = missing.remove(stored.name());
            if (spec == null) {
                table.end(tx, stored.n(), State.CANCELLED, now);
            } else {
                keep(tx, stored, spec, now);
            }
        }
        missing.forEach(
                (name, spec) -> table.add(tx, name, Origin.CONFIG, Trust.HIGH, jobs.text(spec), Jobs.zone(spec), now));
    }

    private void keep(Tx tx, Stored stored, Spec spec, Instant now) {
        String text = jobs.text(spec);
        ZoneId zone = Jobs.zone(spec);
        boolean sameZone = zone.equals(stored.zone());
        if (text.equals(stored.spec()) && sameZone) {
            return;
        }
        boolean sameTimes = sameZone && sameTimes(stored, spec);
        table.change(tx, stored.n(), text, zone, sameTimes ? Optional.empty() : Optional.of(now), now);
    }

    private boolean sameTimes(Stored stored, Spec spec) {
        Spec old = jobs.spec(stored.spec());
        return old.schedule().equals(spec.schedule()) && old.active().equals(spec.active());
    }
}
