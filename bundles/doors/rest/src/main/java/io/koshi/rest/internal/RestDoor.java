package io.koshi.rest.internal;

import io.koshi.auth.Auth;
import io.koshi.codec.Codec;
import io.koshi.config.Settings;
import io.koshi.event.Events;
import io.koshi.rpc.Registry;
import io.koshi.store.Store;
import jakarta.servlet.Servlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.InstantSource;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.servlet.whiteboard.propertytypes.HttpWhiteboardServletAsyncSupported;
import org.osgi.service.servlet.whiteboard.propertytypes.HttpWhiteboardServletPattern;

/**
 * Answers {@code /api/v1}, {@code /api/tools/call}, {@code /openapi.json}, {@code /docs} and {@code /login}, and says so
 * at every path that nobody else answers. Thread-safe.
 */
@Component(name = "io.koshi.rest", service = Servlet.class, configurationPolicy = ConfigurationPolicy.IGNORE)
@HttpWhiteboardServletPattern({"/api/v1/*", "/api/tools/call", "/openapi.json", "/docs", "/docs/*", "/login", "/"})
@HttpWhiteboardServletAsyncSupported
public final class RestDoor extends HttpServlet {
    private static final long serialVersionUID = 1L;

    private final transient Store store;
    private final transient Events events;
    private final transient MethodCalls calls;
    private final transient ToolCalls tools;
    private final transient Pages pages;
    private transient volatile Once once;

    @Activate
    public RestDoor(
            @Reference Registry registry,
            @Reference Auth auth,
            @Reference Codec codec,
            @Reference Settings settings,
            @Reference Store store,
            @Reference Events events) {
        this.store = store;
        this.events = events;
        this.calls = new MethodCalls(registry, auth, codec, settings, this::once);
        this.tools = new ToolCalls(registry, auth, codec, settings);
        this.pages = new Pages(auth, codec, new OpenApi(registry, settings, codec));
    }

    @Override
    protected void service(HttpServletRequest ask, HttpServletResponse answer) throws IOException {
        if (ask.getServletPath().equals("/api/v1")) {
            calls.serve(ask, answer);
        } else if (ask.getServletPath().equals("/api/tools/call")) {
            tools.serve(ask, answer);
        } else {
            String path = ask.getServletPath() + (ask.getPathInfo() == null ? "" : ask.getPathInfo());
            pages.serve(path.isEmpty() ? "/" : path, ask, answer);
        }
    }

    private Once once() {
        Once known = once;
        return known == null ? open() : known;
    }

    private synchronized Once open() {
        if (once == null) {
            once = new Once(store, InstantSource.system(), events.epoch());
        }
        return once;
    }
}
