package io.koshi.store.internal;

import io.koshi.api.KoshiException;
import java.util.function.Supplier;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.FrameworkUtil;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends the start of a hub whose database cannot be used: the launcher prints why and exits with 1. Thread-safe. */
final class StartRefusal {
    private static final Logger LOG = LoggerFactory.getLogger(StartRefusal.class);

    /** Every room that needs the store would try, and wait for the lock, again: the first answer is the answer. */
    private static volatile KoshiException ending;

    private StartRefusal() {}

    /** What a step gives; where it fails the framework, if there is one, is told to stop. */
    static <T> T unless(Supplier<T> step) {
        if (ending != null) {
            throw ending;
        }
        try {
            return step.get();
        } catch (KoshiException e) {
            Bundle bundle = FrameworkUtil.getBundle(StartRefusal.class);
            if (bundle != null) {
                stop(bundle, e);
            }
            throw e;
        }
    }

    /** Ends the start, if the hub still starts, for rooms that could not read what they keep would be missing. */
    static void whileStarting(KoshiException why) {
        Bundle bundle = FrameworkUtil.getBundle(StartRefusal.class);
        if (bundle != null && ending == null && isStarting(bundle.getBundleContext())) {
            stop(bundle, why);
        }
    }

    private static boolean isStarting(BundleContext context) {
        return context != null && context.getBundle(0).getState() == Bundle.STARTING;
    }

    private static void stop(Bundle bundle, KoshiException why) {
        ending = why;
        LOG.error("The hub cannot start: {}", why.getMessage());
        System.setProperty("koshi.refusal", why.getMessage());
        System.setProperty("koshi.exit", "1");
        try {
            bundle.getBundleContext().getBundle(0).stop();
        } catch (BundleException e) {
            LOG.error("The framework does not stop", e);
        }
    }
}
