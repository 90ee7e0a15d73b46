package io.koshi.service.mcp;

import static org.osgi.service.component.annotations.ConfigurationPolicy.REQUIRE;

import io.koshi.api.Blobs;
import io.koshi.api.Children;
import io.koshi.api.Children.Launch;
import io.koshi.api.Children.Limits;
import io.koshi.api.Health;
import io.koshi.api.Http;
import io.koshi.api.KoshiException;
import io.koshi.api.Pools;
import io.koshi.codec.Codec;
import io.koshi.config.Properties;
import io.koshi.tool.Tool;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Dictionary;
import java.util.HashMap;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One server of {@code mcp.servers}, whose tools are services of the hub while it is configured. What tools it has is
 * remembered, so that it is started only when one of them is called; it rests again when none has been for a while.
 * Thread-safe.
 */
@Component(name = "io.koshi.service.mcp", service = Health.class, immediate = true, configurationPolicy = REQUIRE)
@Designate(ocd = McpServer.Config.class, factory = true)
public final class McpServer implements Health {
    /** The settings of an entry of {@code mcp.servers}. */
    @ObjectClassDefinition(name = "MCP server", description = "Tools of a server that speaks MCP.")
    @interface Config {
        @AttributeDefinition(
                description = "The program and its arguments; it speaks MCP on stdin and stdout.",
                required = false)
        String[] command() default {};

        @AttributeDefinition(
                description = "Where the server is, for one that speaks streamable HTTP.",
                required = false)
        String url() default "";

        @AttributeDefinition(description = "Environment of the program, by name.", required = false)
        String env() default "";

        @AttributeDefinition(description = "HTTP headers, by name.", required = false)
        String headers() default "";

        @AttributeDefinition(description = "Where the program starts; data/mcp unless told.", required = false)
        String directory() default "";

        @AttributeDefinition(
                description = "Only these of its tools, by the server's names; all unless told.",
                required = false)
        String[] tools() default {};

        @AttributeDefinition(description = "Seconds a call may take.", min = "1", max = "3600", required = false)
        int timeoutSeconds() default 60;

        @AttributeDefinition(description = "Seconds without a call after which it rests.", min = "1", required = false)
        int idleSeconds() default 600;
    }

    static final Duration HANDSHAKE = Duration.ofSeconds(30);
    private static final Logger LOG = LoggerFactory.getLogger(McpServer.class);
    static final String CHANGED = "notifications/tools/list_changed";

    private final String name;
    private final String plugin;
    private final Config config;
    private final Codec codec;
    private final Pools pools;
    private final BundleContext bundle;
    private final Line line;
    private final ToolAnswer answer;
    private final RememberedTools remembered;
    private final Map<String, ServiceRegistration<Tool>> registered = new HashMap<>();
    private final Map<String, RemoteTool> known = new HashMap<>();
    private final AtomicBoolean asking = new AtomicBoolean();
    private final Future<?> resting;
    private final boolean program;
    private boolean closed;

    @Activate
    public McpServer(
            @Reference Codec codec,
            @Reference Pools pools,
            @Reference Children children,
            @Reference Http http,
            @Reference Blobs blobs,
            BundleContext bundle,
            Config config,
            Map<String, Object> properties) {
        this.plugin = String.valueOf(properties.getOrDefault("koshi.plugin.name", "mcp~server"));
        this.name = plugin.substring(plugin.indexOf('~') + 1);
        this.config = config;
        this.codec = codec;
        this.pools = pools;
        this.bundle = bundle;
        Path data = Path.of(String.valueOf(properties.getOrDefault("koshi.data", ".")));
        boolean program = config.command().length > 0;
        if (program == !config.url().isBlank()) {
            throw KoshiException.invalid("", "give an MCP server either a command or a url");
        }
        Launcher launcher = program
                ? program(children, data, Properties.tree(properties, "env"))
                : remote(http, texts(Properties.tree(properties, "headers")));
        this.line = new Line(name, launcher, this::notified, HANDSHAKE);
        this.answer = new ToolAnswer(codec, blobs);
        this.remembered = new RememberedTools(
                data.resolve("mcp").resolve(name + ".json"), codec, String.join("\0", config.command()) + config.url());
        long idle = config.idleSeconds();
        // a program is dear to keep; a server elsewhere stays connected, so that its news are heard
        this.resting = program
                ? pools.timer().scheduleWithFixedDelay(this::rest, idle, idle, TimeUnit.SECONDS)
                : CompletableFuture.completedFuture(null);
        this.program = program;
        pools.work().execute(this::open);
    }

    private Launcher program(Children children, Path data, Map<String, Object> env) {
        Path directory = config.directory().isBlank() ? data.resolve("mcp") : Path.of(config.directory());
        Launch launch = new Launch("mcp " + name, List.of(config.command()), directory, texts(env), Limits.NONE);
        return listener -> {
            if (config.directory().isBlank()) {
                Files.createDirectories(directory);
            }
            return new StdioWire(
                    name,
                    children.start(launch),
                    codec,
                    pools,
                    listener,
                    launch.environment().values());
        };
    }

    private Launcher remote(Http http, Map<String, String> headers) {
        URI uri = URI.create(config.url().strip());
        if (uri.getHost() == null || !List.of("http", "https").contains(uri.getScheme())) {
            throw KoshiException.invalid("/url", "write it as https://host/path");
        }
        return listener -> new HttpWire(name, uri, headers, http, codec, pools, listener);
    }

    private static Map<String, String> texts(Map<String, Object> tree) {
        Map<String, String> texts = new HashMap<>();
        tree.forEach((key, value) -> texts.put(key, String.valueOf(value)));
        return texts;
    }

    /** What is remembered serves at once; a server nobody knows is asked. */
    private void open() {
        Optional<List<?>> before = remembered.read();
        before.ifPresent(this::offer);
        if (before.isEmpty() || !program) {
            learn();
        }
    }

    private void learn() {
        try {
            List<Object> tools = line.tools();
            offer(tools);
            remembered.write(tools);
        } catch (KoshiException e) {
            LOG.info("MCP server {} cannot say what tools it has yet: {}", name, e.getMessage());
            again();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            LOG.warn("The tools of MCP server {} cannot be remembered: {}", name, e.toString());
        }
    }

    private synchronized void again() {
        if (!closed) {
            long pause = Math.max(1000, line.pause().toMillis());
            try {
                pools.timer().schedule(() -> pools.work().execute(this::learn), pause, TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException e) {
                LOG.debug("MCP server {} is not asked any more", name);
            }
        }
    }

    /** However often a server says so, it is asked once at a time. */
    private void notified(String method) {
        if (method.equals(CHANGED) && asking.compareAndSet(false, true)) {
            pools.work().execute(() -> {
                asking.set(false);
                learn();
            });
        }
    }

    private void rest() {
        pools.work().execute(() -> line.rest(Duration.ofSeconds(config.idleSeconds())));
    }

    /** Registers what is new, takes away what is gone, and leaves alone what is as it was. */
    private synchronized void offer(List<?> tools) {
        if (closed) {
            return;
        }
        List<String> wanted = Arrays.asList(config.tools());
        Map<String, RemoteTool> now = new HashMap<>();
        RemoteTool.of(name, tools, codec).stream()
                .filter(tool -> wanted.isEmpty() || wanted.contains(tool.remote()))
                .forEach(tool -> now.put(tool.name(), tool));
        List.copyOf(registered.keySet()).stream()
                .filter(tool -> !known.get(tool).equals(now.get(tool)))
                .forEach(tool -> {
                    registered.remove(tool).unregister();
                    known.remove(tool);
                });
        now.forEach((tool, remote) -> {
            if (!registered.containsKey(tool)) {
                Dictionary<String, Object> properties = new Hashtable<>(Map.of("koshi.plugin.name", plugin));
                Tool offered = new McpTool(remote, line, answer, Duration.ofSeconds(config.timeoutSeconds()));
                registered.put(tool, bundle.registerService(Tool.class, offered, properties));
                known.put(tool, remote);
            }
        });
    }

    @Override
    public Report health() {
        int tools;
        synchronized (this) {
            tools = known.size();
        }
        Map<String, Object> data = Map.of("tools", tools, "connected", line.connected());
        return line.trouble()
                .map(why -> Report.degraded(plugin, "service", why))
                .orElseGet(() -> Report.healthy(plugin, "service"))
                .with(data);
    }

    @Deactivate
    void close() {
        synchronized (this) {
            closed = true;
            registered.values().forEach(ServiceRegistration::unregister);
            registered.clear();
        }
        resting.cancel(false);
        line.close();
    }
}
