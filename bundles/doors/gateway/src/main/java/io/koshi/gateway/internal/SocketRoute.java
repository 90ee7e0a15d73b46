package io.koshi.gateway.internal;

import io.koshi.socket.Socket;
import jakarta.servlet.Servlet;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;

/** One WebSocket route of a plugin: the servlet that is registered for it and the connections it has. Thread-safe. */
final class SocketRoute implements AutoCloseable {
    private final Set<SocketHearer> connections = ConcurrentHashMap.newKeySet();
    private volatile ServiceRegistration<Servlet> registration;

    static SocketRoute open(BundleContext context, String path, Socket socket, Peers peers) {
        SocketRoute route = new SocketRoute();
        Servlet servlet = new UpgradeServlet(
                peers,
                caller -> new SocketHearer(
                        socket, caller, route.connections, peers.frames().maxFrame()));
        route.registration = context.registerService(Servlet.class, servlet, properties(path));
        return route;
    }

    /** How a servlet asks the HTTP whiteboard for a path. */
    static Dictionary<String, Object> properties(String path) {
        Dictionary<String, Object> properties = new Hashtable<>();
        properties.put("osgi.http.whiteboard.servlet.pattern", path);
        properties.put("osgi.http.whiteboard.servlet.asyncSupported", true);
        properties.put("osgi.http.whiteboard.servlet.name", "koshi.socket " + path);
        return properties;
    }

    /** Takes the route away, then its connections. */
    @Override
    public void close() {
        try {
            registration.unregister();
        } catch (IllegalStateException alreadyGone) {
            // the framework takes services of a stopping bundle away by itself
        }
        connections.forEach(each -> each.close(Peer.GONE_AWAY, "This route is gone for now; connect again later."));
    }
}
