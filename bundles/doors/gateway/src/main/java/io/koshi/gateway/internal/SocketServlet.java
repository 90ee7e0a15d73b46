package io.koshi.gateway.internal;

import io.koshi.api.KoshiException;
import io.koshi.config.Settings;
import io.koshi.rpc.Caller;
import io.koshi.socket.Socket;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Set;
import org.eclipse.jetty.ee10.websocket.server.JettyServerUpgradeRequest;
import org.eclipse.jetty.ee10.websocket.server.JettyServerUpgradeResponse;
import org.eclipse.jetty.ee10.websocket.server.JettyWebSocketServlet;
import org.eclipse.jetty.ee10.websocket.server.JettyWebSocketServletFactory;

/** Turns an upgrade request that is let in into a connection of a Socket service. Thread-safe. */
final class SocketServlet extends JettyWebSocketServlet {
    private static final long serialVersionUID = 1L;

    private final transient Socket socket;
    private final transient Set<SocketEndpoint> connections;
    private final transient Admission admission;
    private final transient Settings settings;

    SocketServlet(Socket socket, Set<SocketEndpoint> connections, Admission admission, Settings settings) {
        this.socket = socket;
        this.connections = connections;
        this.admission = admission;
        this.settings = settings;
    }

    @Override
    protected void configure(JettyWebSocketServletFactory factory) {
        long most = settings.config().gateway().maxFrame().bytes();
        factory.setMaxTextMessageSize(most);
        factory.setMaxBinaryMessageSize(most);
        factory.setMaxFrameSize(most);
        factory.setIdleTimeout(
                Duration.ofSeconds(3L * settings.config().gateway().pingSeconds()));
        factory.setCreator(this::admit);
    }

    /** Null, with the answer sent, for a client that is not let in. */
    private Object admit(JettyServerUpgradeRequest ask, JettyServerUpgradeResponse answer) {
        try {
            Caller caller = admission.check(ask.getHttpServletRequest());
            return new SocketEndpoint(
                    socket,
                    caller,
                    connections,
                    settings.config().gateway().maxFrame().bytes());
        } catch (KoshiException refused) {
            try {
                answer.sendError(refused.code().httpStatus(), refused.getMessage());
                return null;
            } catch (IOException gone) {
                throw new UncheckedIOException(gone);
            }
        }
    }
}
