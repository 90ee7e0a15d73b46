package io.koshi.gateway.internal;

import static org.osgi.service.component.annotations.ReferenceCardinality.MULTIPLE;
import static org.osgi.service.component.annotations.ReferencePolicy.DYNAMIC;

import io.koshi.api.Pools;
import io.koshi.auth.Auth;
import io.koshi.config.Settings;
import io.koshi.socket.Socket;
import io.koshi.socket.SocketPath;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens a WebSocket route for each {@link Socket} service, and closes it and its connections when the service goes.
 * Nothing of Jetty's WebSocket is loaded before the first one comes. Thread-safe.
 */
@Component(
        name = "io.koshi.gateway",
        service = {},
        immediate = true)
public final class SocketWhiteboard {
    private static final Logger LOG = LoggerFactory.getLogger(SocketWhiteboard.class);

    private final BundleContext context;
    private final Admission admission;
    private final Settings settings;
    private final Pools pools;
    private final Map<Socket, SocketRoute> routes = new ConcurrentHashMap<>();
    private volatile ScheduledFuture<?> pinging;
    private volatile boolean closed;

    @Activate
    public SocketWhiteboard(
            BundleContext context, @Reference Auth auth, @Reference Settings settings, @Reference Pools pools) {
        this.context = context;
        this.admission = new Admission(auth, settings);
        this.settings = settings;
        this.pools = pools;
    }

    @Deactivate
    public void close() {
        closed = true;
        ScheduledFuture<?> timer = pinging;
        if (timer != null) {
            timer.cancel(false);
        }
        routes.values().forEach(SocketRoute::close);
        routes.clear();
    }

    @Reference(cardinality = MULTIPLE, policy = DYNAMIC)
    void addSocket(Socket socket, Map<String, Object> properties) {
        if (!(properties.get(SocketPath.PROPERTY) instanceof String path) || !path.startsWith("/")) {
            LOG.warn(
                    "A Socket of {} has no path; annotate it with @SocketPath(\"/…\")",
                    socket.getClass().getName());
            return;
        }
        routes.put(socket, SocketRoute.open(context, path, socket, admission, settings));
        synchronized (this) {
            if (pinging == null) {
                pingLater();
            }
        }
    }

    void removeSocket(Socket socket) {
        SocketRoute route = routes.remove(socket);
        if (route != null) {
            route.close();
        }
    }

    private void pingLater() {
        if (!closed) {
            pinging = pools.timer()
                    .schedule(this::ping, settings.config().gateway().pingSeconds(), TimeUnit.SECONDS);
        }
    }

    private void ping() {
        routes.values().forEach(SocketRoute::ping);
        pingLater();
    }
}
