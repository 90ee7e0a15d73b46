package io.koshi.config.internal;

import io.koshi.api.Problem;
import io.koshi.config.Config;
import io.koshi.config.ConfigCheck;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The checks that rooms bring; {@link CheckWhiteboard} fills it. Thread-safe. */
@Component(
        name = "io.koshi.config.checks",
        service = CheckTable.class,
        configurationPolicy = ConfigurationPolicy.IGNORE)
public final class CheckTable {
    private static final Logger LOG = LoggerFactory.getLogger(CheckTable.class);

    private final Set<ConfigCheck> checks = ConcurrentHashMap.newKeySet();
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

    @Activate
    public CheckTable() {}

    public void add(ConfigCheck check) {
        checks.add(check);
        listeners.forEach(Runnable::run);
    }

    void remove(ConfigCheck check) {
        checks.remove(check);
    }

    /** Calls back when a check has come. */
    void onArrival(Runnable listener) {
        listeners.add(listener);
    }

    void forget(Runnable listener) {
        listeners.remove(listener);
    }

    /** What all checks find wrong; a check that fails itself finds nothing. */
    List<Problem> problems(Config config) {
        List<Problem> problems = new ArrayList<>();
        for (ConfigCheck check : checks) {
            try {
                problems.addAll(check.check(config));
            } catch (RuntimeException e) {
                LOG.warn("A check of the configuration failed and is left out: {}", check.getClass(), e);
            }
        }
        return problems;
    }
}
