package io.koshi.gateway.internal;

import static org.osgi.service.component.annotations.ReferenceCardinality.MULTIPLE;
import static org.osgi.service.component.annotations.ReferencePolicy.DYNAMIC;

import io.koshi.socket.Socket;
import io.koshi.socket.SocketPath;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens a WebSocket route for each {@link Socket} service, and closes it and its connections when the service goes.
 * Thread-safe.
 */
@Component(
        name = "io.koshi.gateway.sockets",
        service = {},
        immediate = true,
        configurationPolicy = ConfigurationPolicy.IGNORE)
public final class SocketWhiteboard {
    private static final Logger LOG = LoggerFactory.getLogger("io.koshi.gateway");

    private final BundleContext context;
    private final Peers peers;
    private final Map<Socket, SocketRoute> routes = new ConcurrentHashMap<>();

    @Activate
    public SocketWhiteboard(BundleContext context, @Reference Peers peers) {
        this.context = context;
        this.peers = peers;
    }

    @Deactivate
    public void close() {
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
        routes.put(socket, SocketRoute.open(context, path, socket, peers));
    }

    void removeSocket(Socket socket) {
        SocketRoute route = routes.remove(socket);
        if (route != null) {
            route.close();
        }
    }
}
