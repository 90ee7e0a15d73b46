package example.service.ticker;

import io.koshi.codec.Codec;
import io.koshi.event.Events;
import io.koshi.event.Subscription;
import io.koshi.rpc.Scope;
import io.koshi.socket.Connection;
import io.koshi.socket.Socket;
import io.koshi.socket.SocketPath;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/** A WebSocket route: send it topics, it sends the hub's events on them as JSON. */
@Component(name = "example.service.ticker", configurationPolicy = ConfigurationPolicy.REQUIRE)
@SocketPath("/ticker")
public final class Ticker implements Socket {
    private final Map<String, Subscription> subscriptions = new ConcurrentHashMap<>();
    private final Events events;
    private final Codec codec;

    @Activate
    public Ticker(@Reference Events events, @Reference Codec codec) {
        this.events = events;
        this.codec = codec;
    }

    @Override
    public void open(Connection connection) {
        if (!connection.caller().may("event", Scope.READ)) {
            connection.close(1008, "needs the scope event.read");
        }
    }

    @Override
    public void text(Connection connection, String topics) {
        close(connection, 1000, "");
        List<String> wanted = List.of(topics.strip().split("\\s+"));
        // waiting for each send slows this subscriber, nobody else
        subscriptions.put(connection.id(), events.subscribe(wanted, -1, event -> connection
                .text(new String(codec.json(event), StandardCharsets.UTF_8)).join()));
    }

    @Override
    public void close(Connection connection, int code, String reason) {
        Subscription old = subscriptions.remove(connection.id());
        if (old != null) {
            old.close();
        }
    }
}
