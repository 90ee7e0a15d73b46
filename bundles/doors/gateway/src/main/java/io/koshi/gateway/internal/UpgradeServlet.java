package io.koshi.gateway.internal;

import io.koshi.api.HttpProblem;
import io.koshi.api.KoshiException;
import io.koshi.auth.Knock;
import io.koshi.rpc.Caller;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.function.Function;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpStream;

/**
 * Turns an upgrade request that is let in into a WebSocket. Host, Origin, URL and token are checked before anything is
 * kept of a client. Thread-safe.
 */
final class UpgradeServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;

    private final transient Peers peers;
    private final transient Function<Caller, Hearer> purpose;

    /** @param purpose what a client that was let in gets to speak with */
    UpgradeServlet(Peers peers, Function<Caller, Hearer> purpose) {
        this.peers = peers;
        this.purpose = purpose;
    }

    @Override
    protected void service(HttpServletRequest ask, HttpServletResponse answer) throws IOException {
        try {
            Caller caller =
                    peers.admit(Knock.of(ask.getMethod(), ask.getQueryString(), ask.getRemoteAddr(), ask::getHeader));
            String accept = Handshake.accept(ask.getMethod(), ask::getHeader);
            ServletContextRequest core = ServletContextRequest.getServletContextRequest(ask);
            Connector connector = core.getConnectionMetaData().getConnector();
            Hearer hearer = purpose.apply(caller);
            JettyWire wire = new JettyWire(
                    core.getConnectionMetaData().getConnection().getEndPoint(),
                    connector.getExecutor(),
                    connector.getByteBufferPool(),
                    pipe -> peers.join(pipe, hearer));
            core.setAttribute(HttpStream.UPGRADE_CONNECTION_ATTRIBUTE, wire);
            answer.setStatus(HttpServletResponse.SC_SWITCHING_PROTOCOLS);
            answer.setHeader("Upgrade", "websocket");
            answer.setHeader("Connection", "Upgrade");
            answer.setHeader("Sec-WebSocket-Accept", accept);
            answer.flushBuffer();
        } catch (KoshiException refused) {
            refuse(answer, refused);
        }
    }

    static void refuse(HttpServletResponse answer, KoshiException why) throws IOException {
        HttpProblem problem = HttpProblem.of(why);
        answer.setStatus(problem.status());
        if (problem.status() == HttpServletResponse.SC_UNAUTHORIZED) {
            answer.setHeader("WWW-Authenticate", "Bearer");
        }
        problem.retryAfterSeconds().ifPresent(s -> answer.setHeader("Retry-After", Long.toString(s)));
        answer.setContentType(HttpProblem.MEDIA_TYPE);
        answer.getOutputStream().write(problem.json());
    }
}
