package io.koshi.health.internal;

import io.koshi.api.Health;
import io.koshi.codec.Codec;
import io.koshi.config.Settings;
import io.koshi.event.Events;
import io.koshi.rpc.Registry;
import jakarta.servlet.Servlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Map;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.servlet.whiteboard.propertytypes.HttpWhiteboardServletPattern;

/**
 * Answers {@code /health}, {@code /health/live}, {@code /health/ready} and {@code /metrics}. While the HTTP server
 * has it, a part named {@code http} says so, which is what the hub's readiness waits for: ranked last, it is served last.
 * Thread-safe.
 */
@Component(
        name = "io.koshi.health",
        service = Servlet.class,
        property = "service.ranking:Integer=-1000",
        configurationPolicy = ConfigurationPolicy.IGNORE)
@HttpWhiteboardServletPattern({"/health", "/health/live", "/health/ready", "/metrics"})
public final class HealthDoor extends HttpServlet {
    private static final long serialVersionUID = 1L;
    /** Text format 0.0.4, which every Prometheus reads. */
    private static final String EXPOSITION = "text/plain; version=0.0.4; charset=utf-8";

    private final transient BundleContext context;
    private final transient HubVoice hub;
    private final transient HostCheck hosts;
    private final transient Codec codec;
    private final transient Events events;
    private transient volatile ServiceRegistration<Health> serving;

    @Activate
    public HealthDoor(
            BundleContext context,
            @Reference Registry registry,
            @Reference Events events,
            @Reference Codec codec,
            @Reference Settings settings) {
        this.context = context;
        this.hub = new HubVoice(registry, codec);
        this.hosts = new HostCheck(settings);
        this.codec = codec;
        this.events = events;
    }

    @Override
    public synchronized void init() {
        serving = context.registerService(Health.class, () -> Health.Report.healthy("http", "core"), null);
    }

    @Override
    public synchronized void destroy() {
        if (serving != null) {
            serving.unregister();
            serving = null;
        }
    }

    @Override
    protected void service(HttpServletRequest ask, HttpServletResponse answer) throws IOException {
        if (ask.getMethod().equals("GET") || ask.getMethod().equals("HEAD")) { // the server leaves the body out
            tell(ask, answer);
        } else {
            answer.setHeader("Allow", "GET, HEAD");
            answer.setStatus(405);
        }
    }

    private void tell(HttpServletRequest ask, HttpServletResponse answer) throws IOException {
        answer.setHeader("Cache-Control", "no-store");
        answer.setHeader("X-Content-Type-Options", "nosniff");
        if (!hosts.allows(ask.getHeader("Host"))) {
            json(
                    answer,
                    403,
                    Map.of(
                            "code", "FORBIDDEN",
                            "title", "FORBIDDEN",
                            "status", 403,
                            "detail", "This hub answers on this machine only; ask it as localhost or 127.0.0.1."));
            return;
        }
        switch (ask.getServletPath()) {
            case "/health/live" -> json(answer, 200, Map.of("live", true));
            case "/health/ready" -> ready(answer);
            case "/metrics" -> metrics(answer);
            default -> health(answer);
        }
    }

    private void health(HttpServletResponse answer) throws IOException {
        Map<String, Object> health = hub.ask("hub.health");
        json(answer, "unhealthy".equals(health.get("status")) ? 503 : 200, health);
    }

    private void ready(HttpServletResponse answer) throws IOException {
        Map<String, Object> health = hub.ask("hub.health");
        boolean ready = Boolean.TRUE.equals(health.get("ready"));
        Object waiting = health.get("waiting");
        json(
                answer,
                ready ? 200 : 503,
                waiting == null ? Map.of("ready", ready) : Map.of("ready", ready, "waiting", waiting));
    }

    private void metrics(HttpServletResponse answer) throws IOException {
        Exposition text = new Exposition();
        new HubMetrics(text).write(hub.ask("hub.status"), hub.ask("hub.health"), events.seq());
        answer.setContentType(EXPOSITION);
        answer.getOutputStream().write(text.bytes());
    }

    private void json(HttpServletResponse answer, int status, Object body) throws IOException {
        answer.setStatus(status);
        answer.setContentType(status == 403 ? "application/problem+json" : "application/json");
        answer.getOutputStream().write(codec.json(body));
    }
}
