package io.koshi.shell.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import java.util.List;
import org.apache.felix.service.command.CommandProcessor;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.ServiceReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts the shell's bundles when a shell is first asked for: a hub without one is quicker up. Thread-safe. */
final class Gogo {
    private static final Logger LOG = LoggerFactory.getLogger(Gogo.class);
    /** In the order in which they need each other. */
    private static final List<String> BUNDLES = List.of(
            "org.apache.felix.gogo.runtime",
            "org.apache.felix.gogo.command",
            "org.jline",
            "org.apache.felix.gogo.jline");

    private final BundleContext context;
    private boolean started;

    Gogo(BundleContext context) {
        this.context = context;
    }

    /** @throws KoshiException SERVICE_UNAVAILABLE when it is not installed */
    synchronized CommandProcessor processor() {
        if (!started) {
            BUNDLES.forEach(this::start);
            started = true;
        }
        ServiceReference<CommandProcessor> reference = context.getServiceReference(CommandProcessor.class);
        CommandProcessor processor = reference == null ? null : context.getService(reference);
        if (processor == null) {
            started = false;
            throw new KoshiException(
                    ErrorCode.SERVICE_UNAVAILABLE,
                    "The shell's bundle org.apache.felix.gogo.runtime is not running; look for it with 'koshi logs'.");
        }
        return processor;
    }

    private void start(String name) {
        for (Bundle bundle : context.getBundles()) {
            if (name.equals(bundle.getSymbolicName())
                    && (bundle.getState() & (Bundle.INSTALLED | Bundle.RESOLVED)) != 0) {
                try {
                    bundle.start(Bundle.START_TRANSIENT);
                } catch (BundleException e) {
                    LOG.warn("The shell goes without {}: {}", name, e.getMessage());
                }
            }
        }
    }
}
