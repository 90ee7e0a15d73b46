package io.koshi.event.internal;

import io.koshi.api.Pools;
import java.util.concurrent.atomic.AtomicBoolean;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.typedevent.TypedEventHandler;
import org.osgi.service.typedevent.UntypedEventHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts the Typed Event bus when the first bundle wants to hear of it: a hub whose plugins do not care starts without.
 * Thread-safe.
 */
@Component(
        name = "io.koshi.event.typed.start",
        service = {},
        immediate = true,
        configurationPolicy = ConfigurationPolicy.IGNORE)
public final class TypedEventStart {
    private static final Logger LOG = LoggerFactory.getLogger("io.koshi.event");
    private static final String BUS = "org.apache.aries.typedevent.bus";

    private final BundleContext context;
    private final Pools pools;
    private final AtomicBoolean asked = new AtomicBoolean();

    @Activate
    public TypedEventStart(BundleContext context, @Reference Pools pools) {
        this.context = context;
        this.pools = pools;
    }

    @Reference(
            service = UntypedEventHandler.class,
            cardinality = ReferenceCardinality.MULTIPLE,
            policy = ReferencePolicy.DYNAMIC,
            unbind = "remove")
    void addUntyped(ServiceReference<UntypedEventHandler> handler) {
        start();
    }

    @Reference(
            service = TypedEventHandler.class,
            cardinality = ReferenceCardinality.MULTIPLE,
            policy = ReferencePolicy.DYNAMIC,
            unbind = "remove")
    void addTyped(ServiceReference<TypedEventHandler<?>> handler) {
        start();
    }

    void remove(ServiceReference<?> handler) {
        // the bus stays: who asked once asks again
    }

    /** Not on this thread: it registers the handler's service and may hold what a start needs. */
    private void start() {
        if (asked.compareAndSet(false, true)) {
            pools.work().execute(this::startBus);
        }
    }

    private void startBus() {
        for (Bundle bundle : context.getBundles()) {
            if (BUS.equals(bundle.getSymbolicName())) {
                try {
                    bundle.start(Bundle.START_TRANSIENT);
                } catch (BundleException | IllegalStateException e) {
                    asked.set(false);
                    LOG.warn("Bundles cannot hear events through Typed Events: {} did not start", BUS, e);
                }
            }
        }
    }
}
