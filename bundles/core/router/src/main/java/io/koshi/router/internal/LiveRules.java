package io.koshi.router.internal;

import io.koshi.config.Config;
import io.koshi.config.Settings;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The rule table of the configuration that holds now, compiled once for each change. Thread-safe. */
@Component(name = "io.koshi.router.rules", service = LiveRules.class, configurationPolicy = ConfigurationPolicy.IGNORE)
public final class LiveRules {
    private static final Logger log = LoggerFactory.getLogger(LiveRules.class);

    private final AutoCloseable watch;
    private volatile RuleTable table;

    @Activate
    public LiveRules(@Reference Settings settings) {
        watch = settings.onChange((before, after) -> {
            if (!before.routes().equals(after.routes()) || before.default_() != after.default_()) {
                recompile(after);
            }
        });
        recompile(settings.config());
    }

    @Deactivate
    void close() throws Exception {
        watch.close();
    }

    RuleTable table() {
        return table;
    }

    private synchronized void recompile(Config config) {
        RuleTable next = RuleTable.compile(config.routes(), config.default_());
        next.problems().forEach(p -> log.error("A routing rule is left out: {}: {}", p.path(), p.problem()));
        table = next;
        log.info("Routing by {} rules", next.rules().size());
    }
}
