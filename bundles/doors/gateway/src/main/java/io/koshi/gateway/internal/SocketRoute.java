package io.koshi.gateway.internal;

import io.koshi.config.Settings;
import io.koshi.socket.Socket;
import jakarta.servlet.Servlet;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;

/** One WebSocket route: the servlet that is registered for it and the connections it has. Thread-safe. */
final class SocketRoute implements AutoCloseable {
    private static final int GOING_AWAY = 1001;

    private final Set<SocketEndpoint> connections = ConcurrentHashMap.newKeySet();
    private volatile ServiceRegistration<Servlet> registration;

    static SocketRoute open(BundleContext context, String path, Socket socket, Admission admission, Settings settings) {
        SocketRoute route = new SocketRoute();
        Dictionary<String, Object> properties = new Hashtable<>();
        properties.put("osgi.http.whiteboard.servlet.pattern", path);
        properties.put("osgi.http.whiteboard.servlet.asyncSupported", true);
        properties.put("osgi.http.whiteboard.servlet.name", "koshi.socket " + path);
        Servlet servlet = new SocketServlet(socket, route.connections, admission, settings);
        route.registration = context.registerService(Servlet.class, servlet, properties);
        return route;
    }

    /** Keeps connections alive through proxies, and finds those that are dead. */
    void ping() {
        connections.forEach(SocketEndpoint::ping);
    }

    /** Takes the route away, then its connections. */
    @Override
    public void close() {
        try {
            registration.unregister();
        } catch (IllegalStateException alreadyGone) {
            // the framework takes services of a stopping bundle away by itself
        }
        connections.forEach(each -> each.close(GOING_AWAY, "This route is gone for now; connect again later."));
    }
}
