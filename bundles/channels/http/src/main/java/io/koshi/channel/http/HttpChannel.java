package io.koshi.channel.http;

import io.koshi.api.Channel;
import io.koshi.api.ChannelName;
import io.koshi.api.ChannelState;
import io.koshi.api.Health;
import io.koshi.api.Http;
import io.koshi.api.Inbox;
import io.koshi.api.Receipt;
import io.koshi.api.Reply;
import io.koshi.api.Signature;
import io.koshi.codec.Codec;
import jakarta.servlet.Servlet;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.Optional;
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

/**
 * Posts replies to a URL and hears posts at {@code /channel/NAME}, both signed with one secret; without
 * one it stays closed and replies wait. Thread-safe.
 */
@Component(
        name = "io.koshi.channel.http",
        service = {Channel.class, Health.class},
        immediate = true,
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@ChannelName("http")
@Designate(ocd = HttpChannel.Config.class, factory = true)
public final class HttpChannel implements Channel, Health {
    /** The settings of an {@code http} entry under {@code plugins}. */
    @ObjectClassDefinition(name = "HTTP channel", description = "A channel over plain signed HTTP requests.")
    public @interface Config {
        @AttributeDefinition(name = "koshi.channel.name", required = false)
        String koshi_channel_name() default "http";

        @AttributeDefinition(description = "Where replies are posted to.")
        String url();

        @AttributeDefinition(description = "Signs both ways; without one the channel is closed.", required = false)
        String secret() default "";

        @AttributeDefinition(
                description = "How long the other side may take.",
                min = "1",
                max = "300",
                required = false)
        int timeoutSeconds() default 10;

        @AttributeDefinition(description = "The largest post that comes in, in bytes.", min = "1", required = false)
        int maxBody() default 25 * 1024 * 1024;
    }

    private final String name;
    private final Optional<Outbound> outbound;
    private final Optional<ServiceRegistration<Servlet>> route;

    @Activate
    public HttpChannel(
            @Reference Inbox inbox,
            @Reference Http http,
            @Reference Codec codec,
            BundleContext context,
            Config config) {
        name = config.koshi_channel_name();
        Duration limit = Duration.ofSeconds(config.timeoutSeconds());
        if (config.secret().isBlank()) {
            outbound = Optional.empty();
            route = Optional.empty();
        } else {
            Signature signature = Signature.hmacSha256(config.secret());
            outbound = Optional.of(new Outbound(http, codec, signature, URI.create(config.url()), limit));
            InboundServlet servlet = new InboundServlet(inbox, codec, signature, name, config.maxBody(), limit);
            route = Optional.of(context.registerService(Servlet.class, servlet, pattern()));
        }
    }

    private Dictionary<String, Object> pattern() {
        Dictionary<String, Object> properties = new Hashtable<>();
        properties.put(HttpWhiteboardConstants.HTTP_WHITEBOARD_SERVLET_PATTERN, "/channel/" + name);
        properties.put(HttpWhiteboardConstants.HTTP_WHITEBOARD_SERVLET_NAME, "koshi channel " + name);
        properties.put(HttpWhiteboardConstants.HTTP_WHITEBOARD_SERVLET_ASYNC_SUPPORTED, true);
        return properties;
    }

    @Override
    public Receipt send(Reply reply) throws IOException, InterruptedException {
        return outbound.orElseThrow(() -> new IOException(closed())).send(reply);
    }

    /** Connected though the other side may be away: each reply's own attempt finds that out. */
    @Override
    public ChannelState state() {
        return outbound.isPresent() ? ChannelState.connected() : ChannelState.down(closed());
    }

    private String closed() {
        return "no secret is set: give " + name + " a `secret` in koshi.yaml";
    }

    @Override
    public Report health() {
        return outbound.map(one -> one.trouble()
                        .map(trouble -> Report.degraded(name, "channel", trouble))
                        .orElseGet(() -> Report.healthy(name, "channel")))
                .orElseGet(() -> Report.unhealthy(name, "channel", closed()));
    }

    @Deactivate
    void close() {
        route.ifPresent(ServiceRegistration::unregister);
    }
}
