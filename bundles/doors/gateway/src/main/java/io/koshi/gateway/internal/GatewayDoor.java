package io.koshi.gateway.internal;

import io.koshi.codec.Codec;
import io.koshi.event.Events;
import jakarta.servlet.Servlet;
import java.util.ArrayList;
import java.util.List;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/** Opens {@code /gateway}, {@code /ws} and {@code /events}. Thread-safe. */
@Component(
        name = "io.koshi.gateway",
        service = {},
        immediate = true,
        configurationPolicy = ConfigurationPolicy.IGNORE)
public final class GatewayDoor {
    private final List<ServiceRegistration<Servlet>> routes = new ArrayList<>();

    @Activate
    public GatewayDoor(
            BundleContext context, @Reference Peers peers, @Reference Codec codec, @Reference Events events) {
        route(context, "/gateway", new UpgradeServlet(peers, caller -> new FrameHearer(peers, caller)));
        route(context, "/ws", new UpgradeServlet(peers, caller -> new EventHearer(peers, caller, codec)));
        route(context, "/events", new EventStreamServlet(peers, codec, events));
    }

    private void route(BundleContext context, String path, Servlet servlet) {
        routes.add(context.registerService(Servlet.class, servlet, SocketRoute.properties(path)));
    }

    @Deactivate
    public void close() {
        for (ServiceRegistration<Servlet> route : routes) {
            try {
                route.unregister();
            } catch (IllegalStateException alreadyGone) {
                // the framework takes services of a stopping bundle away by itself
            }
        }
    }
}
