package io.koshi.listener.webhook;

import io.koshi.api.Health;
import io.koshi.api.Inbox;
import io.koshi.api.KoshiException;
import io.koshi.codec.Codec;
import io.koshi.config.Properties;
import jakarta.servlet.Servlet;
import java.time.Duration;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.servlet.whiteboard.HttpWhiteboardConstants;

/** Opens the configured routes; one that is not safe to open stays closed and health says why. Thread-safe. */
@Component(
        name = "io.koshi.listener.webhook",
        service = Health.class,
        immediate = true,
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = WebhookListener.Config.class, factory = true)
public final class WebhookListener implements Health {
    private static final String HOST = "org.apache.felix.http.host";

    /** The settings of a {@code webhook} entry under {@code plugins}. */
    @ObjectClassDefinition(name = "Webhooks", description = "Takes signed requests at configured routes in.")
    public @interface Config {
        @AttributeDefinition(name = "koshi.plugin.name", required = false)
        String koshi_plugin_name() default "webhook";

        @AttributeDefinition(
                description =
                        "By name: { secret, verify: hmac-sha256 | hmac-sha1 | bearer | none, header, prefix, idHeader,"
                                + " sender, conversation, text }; each at /webhook/NAME.",
                required = false)
        String routes() default "";

        @AttributeDefinition(
                description = "Of its messages; lower goes first.",
                min = "0",
                max = "1000",
                required = false)
        int priority() default 50;

        @AttributeDefinition(description = "The largest body, in bytes.", min = "1", required = false)
        int maxBody() default 25 * 1024 * 1024;

        @AttributeDefinition(description = "How long a body may take.", min = "1", max = "300", required = false)
        int timeoutSeconds() default 10;
    }

    private final String name;
    private final Map<String, String> closed = new TreeMap<>(); // route to reason
    private final Map<String, Route> open = new LinkedHashMap<>(); // by path
    private final Optional<ServiceRegistration<Servlet>> registration;

    @Activate
    public WebhookListener(
            @Reference Inbox inbox,
            @Reference Codec codec,
            BundleContext context,
            Config config,
            Map<String, Object> properties) {
        name = config.koshi_plugin_name();
        String host = context.getProperty(HOST);
        Properties.tree(properties, "routes").forEach((route, settings) -> read(route, settings, host));
        WebhookServlet servlet = new WebhookServlet(
                inbox,
                new Incoming(codec, name, config.priority()),
                open,
                config.maxBody(),
                Duration.ofSeconds(config.timeoutSeconds()));
        registration = open.isEmpty()
                ? Optional.empty()
                : Optional.of(context.registerService(Servlet.class, servlet, patterns()));
    }

    private void read(String name, Object settings, String host) {
        try {
            Route route = Route.of(name, asMap(settings));
            if (route.verify() == Verify.NONE && !isLocal(host)) {
                throw KoshiException.invalid("", "verify: none is for a hub that binds to loopback; give it a secret");
            }
            open.put("/webhook/" + name, route);
        } catch (KoshiException e) {
            closed.put(name, e.getMessage());
        }
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> asMap(Object settings) {
        if (settings instanceof Map<?, ?> map) {
            return (Map<String, Object>) map;
        }
        throw KoshiException.invalid("", "write it as { secret: … }");
    }

    /** Requests are looked at one by one as well, so an unknown bind is not trusted blindly. */
    private static boolean isLocal(String host) {
        return host == null || host.equals("localhost") || WebhookServlet.isLoopback(host);
    }

    private Dictionary<String, Object> patterns() {
        Dictionary<String, Object> properties = new Hashtable<>();
        properties.put(
                HttpWhiteboardConstants.HTTP_WHITEBOARD_SERVLET_PATTERN,
                open.keySet().toArray(String[]::new));
        properties.put(HttpWhiteboardConstants.HTTP_WHITEBOARD_SERVLET_NAME, "koshi " + name);
        properties.put(HttpWhiteboardConstants.HTTP_WHITEBOARD_SERVLET_ASYNC_SUPPORTED, true);
        return properties;
    }

    @Override
    public Report health() {
        Report report = closed.isEmpty()
                ? Report.healthy(name, "listener")
                : Report.unhealthy(name, "listener", "closed until koshi.yaml is corrected: " + closed);
        return report.with(Map.of("routes", open.keySet().stream().sorted().toList()));
    }

    @Deactivate
    void close() {
        registration.ifPresent(ServiceRegistration::unregister);
    }
}
