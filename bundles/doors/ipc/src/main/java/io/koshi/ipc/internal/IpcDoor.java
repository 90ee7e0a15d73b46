package io.koshi.ipc.internal;

import io.koshi.api.Health;
import io.koshi.api.Loop;
import io.koshi.api.Pools;
import io.koshi.auth.Auth;
import io.koshi.config.Settings;
import io.koshi.frame.Frames;
import io.koshi.hub.Drain;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/** Opens the Unix socket, through which the owner of the hub may do everything. Thread-safe. */
@Component(
        name = "io.koshi.ipc",
        service = {Health.class, Drain.class},
        immediate = true,
        configurationPolicy = ConfigurationPolicy.IGNORE)
public final class IpcDoor implements Health, Drain {
    private final SocketServer server;
    private final Loop accepting;

    @Activate
    public IpcDoor(
            BundleContext context,
            @Reference Frames frames,
            @Reference Auth auth,
            @Reference Pools pools,
            @Reference Settings settings) {
        String told = context.getProperty("koshi.socket");
        Path file = told != null
                ? Path.of(told)
                : SocketFile.of(
                        settings.home(),
                        System.getenv(),
                        Path.of(System.getProperty("java.io.tmpdir")),
                        System.getProperty("user.name"));
        System.setProperty("koshi.socket", file.toString());
        try {
            this.server = new SocketServer(
                    file,
                    Limits.USUAL,
                    (channel, caller) -> new Connection(channel, caller, frames, Limits.USUAL),
                    auth,
                    pools);
        } catch (IOException | RuntimeException e) {
            throw StartRefusal.of(context, file, e);
        }
        this.accepting = pools.loop("koshi-ipc", server::accept);
    }

    @Deactivate
    public void close() throws IOException {
        accepting.close();
        server.close();
    }

    @Override
    public Report health() {
        return server.open()
                ? Report.healthy("ipc", "core")
                        .with(Map.of(
                                "connections",
                                server.connections(),
                                "path",
                                server.file().toString()))
                : Report.unhealthy("ipc", "core", "The socket " + server.file() + " is closed; restart the hub.");
    }

    @Override
    public int phase() {
        return 50;
    }

    /** Lets every client have the answers it waits for. */
    @Override
    public void drain(Duration limit) throws InterruptedException {
        server.drain(limit);
    }
}
