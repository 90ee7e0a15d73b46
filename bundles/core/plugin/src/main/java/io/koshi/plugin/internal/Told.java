package io.koshi.plugin.internal;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.cm.ConfigurationEvent;
import org.osgi.service.cm.ConfigurationListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows when ConfigAdmin has told everybody of whatever came before a PID's update: it tells of one thing after another.
 * Made before the update. Thread-safe.
 */
final class Told implements ConfigurationListener, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Told.class);
    private static final int PATIENCE_S = 10;

    private final String pid;
    private final CountDownLatch updated = new CountDownLatch(1);
    private ServiceRegistration<ConfigurationListener> registration;

    private Told(String pid) {
        this.pid = pid;
    }

    static Told of(BundleContext context, String pid) {
        Told told = new Told(pid);
        told.registration = context.registerService(ConfigurationListener.class, told, null);
        return told;
    }

    @Override
    public void configurationEvent(ConfigurationEvent event) {
        if (event.getType() == ConfigurationEvent.CM_UPDATED && pid.equals(event.getPid())) {
            updated.countDown();
        }
    }

    void await() {
        try {
            if (!updated.await(PATIENCE_S, TimeUnit.SECONDS)) {
                LOG.warn("ConfigAdmin has not told of {} within {} s; it may be started twice", pid, PATIENCE_S);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        registration.unregister();
    }
}
