package io.koshi.config.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends a start that cannot go on: the launcher prints the sentence and exits with 1. */
final class Refusal {
    private static final Logger LOG = LoggerFactory.getLogger(Refusal.class);

    private Refusal() {}

    /** Tells the launcher why and stops the framework; what to throw is returned. */
    static KoshiException of(BundleContext context, Exception bad) {
        LOG.error("The configuration cannot be used: {}", bad.getMessage());
        System.setProperty("koshi.refusal", bad.getMessage());
        System.setProperty("koshi.exit", "1");
        try {
            context.getBundle(0).stop();
        } catch (BundleException e) {
            LOG.error("The framework does not stop", e);
        }
        return bad instanceof KoshiException koshi
                ? koshi
                : new KoshiException(ErrorCode.INTERNAL, bad.toString(), bad);
    }
}
