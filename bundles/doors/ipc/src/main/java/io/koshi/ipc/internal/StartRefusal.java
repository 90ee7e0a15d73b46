package io.koshi.ipc.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the start of a hub that its owner could not reach: the launcher prints why and exits with 1. A hub that has
 * started is not ended.
 */
final class StartRefusal {
    private static final Logger LOG = LoggerFactory.getLogger(StartRefusal.class);

    private StartRefusal() {}

    /** Tells the launcher why and stops the framework; what to throw is returned. */
    static KoshiException of(BundleContext context, Path socket, Exception why) {
        KoshiException refusal = why instanceof KoshiException known
                ? known
                : new KoshiException(
                        ErrorCode.SERVICE_UNAVAILABLE,
                        "the socket " + socket + " cannot be opened (" + reason(why)
                                + "): take away what is there, and see that its directory is yours",
                        why);
        if (context.getBundle(0).getState() == Bundle.STARTING) {
            stop(context, refusal.getMessage());
        }
        return refusal;
    }

    private static void stop(BundleContext context, String sentence) {
        LOG.error("The hub cannot start: {}", sentence);
        System.setProperty("koshi.refusal", sentence);
        System.setProperty("koshi.exit", "1");
        try {
            context.getBundle(0).stop();
        } catch (BundleException e) {
            LOG.error("The framework does not stop", e);
        }
    }

    private static String reason(Exception why) {
        if (why instanceof FileSystemException file && file.getReason() != null) {
            return file.getReason();
        }
        return why instanceof IOException && why.getMessage() != null ? why.getMessage() : why.toString();
    }
}
