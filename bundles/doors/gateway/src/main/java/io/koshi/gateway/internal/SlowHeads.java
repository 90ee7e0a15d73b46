package io.koshi.gateway.internal;

import io.koshi.api.Pools;
import java.time.Duration;
import org.apache.felix.http.jetty.ConnectorFactory;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/**
 * Puts a limit on how long a request's head may take, and lets who is refused read why in the hub's own words, on every
 * path of the web server. The server hands itself to whoever offers a connector of his own, and to nobody else before the first
 * request; so one is offered that never listens. Thread-safe.
 */
@Component(
        name = "io.koshi.gateway.heads",
        service = ConnectorFactory.class,
        configurationPolicy = ConfigurationPolicy.IGNORE)
public final class SlowHeads implements ConnectorFactory {
    private static final Duration LIMIT = Duration.ofSeconds(5);
    private static final int MOST = 4096;
    private static final int MOST_EVICTED = 16;

    private final Pools pools;

    @Activate
    public SlowHeads(@Reference Pools pools) {
        this.pools = pools;
    }

    @Override
    public Connector createConnector(Server server) {
        for (Connector port : server.getConnectors()) {
            HttpConnectionFactory http = port.getConnectionFactory(HttpConnectionFactory.class);
            if (http != null) {
                Linger.install(http.getHttpConfiguration());
            }
        }
        ProblemPages.install(server);
        if (server.getThreadPool() instanceof QueuedThreadPool threads) {
            threads.setMaxEvictCount(MOST_EVICTED); // a storm's threads go within minutes, not one a minute
        }
        return new HeadWatch(server, pools, LIMIT, MOST);
    }
}
