package io.koshi.listener.github;

import io.koshi.api.Health;
import io.koshi.api.Inbox;
import io.koshi.api.Signature;
import io.koshi.codec.Codec;
import jakarta.servlet.Servlet;
import java.time.Duration;
import java.util.Dictionary;
import java.util.Hashtable;
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

/** Opens a route for GitHub's webhooks where there is a secret to check them with. Thread-safe. */
@Component(
        name = "io.koshi.listener.github",
        service = Health.class,
        immediate = true,
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = GithubListener.Config.class, factory = true)
public final class GithubListener implements Health {
    /** The settings of a {@code github} entry under {@code plugins}. */
    @ObjectClassDefinition(name = "GitHub webhooks", description = "Takes GitHub webhooks in as messages.")
    public @interface Config {
        @AttributeDefinition(name = "koshi.plugin.name", required = false)
        String koshi_plugin_name() default "github";

        @AttributeDefinition(description = "The webhook's secret; without one there is no route.", required = false)
        String secret() default "";

        @AttributeDefinition(description = "Where GitHub posts to; begins with a slash.", required = false)
        String path() default "/webhook/github";

        @AttributeDefinition(
                description = "Of its messages; lower goes first.",
                min = "0",
                max = "1000",
                required = false)
        int priority() default 50;

        @AttributeDefinition(description = "The largest delivery, in bytes.", min = "1", required = false)
        int maxBody() default 25 * 1024 * 1024;

        @AttributeDefinition(
                description = "How long a delivery's body may take.",
                min = "1",
                max = "300",
                required = false)
        int timeoutSeconds() default 10;
    }

    private final String name;
    private final String path;
    private final ServiceRegistration<Servlet> route; // null without a secret

    @Activate
    public GithubListener(@Reference Inbox inbox, @Reference Codec codec, BundleContext context, Config config) {
        name = config.koshi_plugin_name();
        path = config.path();
        if (config.secret().isBlank()) {
            route = null;
        } else {
            GithubServlet servlet = new GithubServlet(
                    inbox,
                    new Deliveries(codec, name, config.priority()),
                    Signature.hmacSha256(config.secret()),
                    config.maxBody(),
                    Duration.ofSeconds(config.timeoutSeconds()));
            route = context.registerService(Servlet.class, servlet, properties(path));
        }
    }

    private static Dictionary<String, Object> properties(String path) {
        Dictionary<String, Object> properties = new Hashtable<>();
        properties.put(HttpWhiteboardConstants.HTTP_WHITEBOARD_SERVLET_PATTERN, path);
        properties.put(HttpWhiteboardConstants.HTTP_WHITEBOARD_SERVLET_NAME, "koshi " + path);
        properties.put(HttpWhiteboardConstants.HTTP_WHITEBOARD_SERVLET_ASYNC_SUPPORTED, true);
        return properties;
    }

    @Override
    public Report health() {
        return route == null
                ? Report.unhealthy(
                        name,
                        "listener",
                        "no secret is set, so " + path + " is closed: give the plugin a `secret` in koshi.yaml")
                : Report.healthy(name, "listener");
    }

    @Deactivate
    void close() {
        if (route != null) {
            route.unregister();
        }
    }
}
