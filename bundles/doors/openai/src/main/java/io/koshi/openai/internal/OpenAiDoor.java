package io.koshi.openai.internal;

import io.koshi.api.Body;
import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Pools;
import io.koshi.auth.Auth;
import io.koshi.auth.Knock;
import io.koshi.codec.Codec;
import io.koshi.config.Settings;
import io.koshi.event.Events;
import io.koshi.rpc.Caller;
import io.koshi.rpc.Registry;
import io.koshi.rpc.Scope;
import jakarta.servlet.Servlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.servlet.whiteboard.propertytypes.HttpWhiteboardServletAsyncSupported;
import org.osgi.service.servlet.whiteboard.propertytypes.HttpWhiteboardServletPattern;

/**
 * {@code /v1/chat/completions} and {@code /v1/models}: the agent as a model, for clients of OpenAI's API. The key they
 * send is a token of the hub; they need the scopes agent.write and, to list models, agent.read. Thread-safe.
 */
@Component(name = "io.koshi.openai", service = Servlet.class, configurationPolicy = ConfigurationPolicy.IGNORE)
@HttpWhiteboardServletPattern({"/v1/chat/completions", "/v1/models", "/v1/models/*", "/v1/*"})
@HttpWhiteboardServletAsyncSupported
public final class OpenAiDoor extends HttpServlet {
    private static final long serialVersionUID = 1L;
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final String SESSION = "X-Koshi-Session";
    private static final int LONGEST_SESSION = 1024;
    private static final int USUAL_BUFFER = 16 << 10;

    private final transient Registry registry;
    private final transient Auth auth;
    private final transient Events events;
    private final transient Codec codec;
    private final transient Settings settings;
    private final transient Pools pools;

    @Activate
    public OpenAiDoor(
            @Reference Registry registry,
            @Reference Auth auth,
            @Reference Events events,
            @Reference Codec codec,
            @Reference Settings settings,
            @Reference Pools pools) {
        this.registry = registry;
        this.auth = auth;
        this.events = events;
        this.codec = codec;
        this.settings = settings;
        this.pools = pools;
    }

    @Override
    protected void service(HttpServletRequest ask, HttpServletResponse answer) throws IOException {
        try {
            Caller caller =
                    auth.http(Knock.of(ask.getMethod(), ask.getQueryString(), ask.getRemoteAddr(), ask::getHeader));
            if (ask.getServletPath().equals("/v1")) {
                throw Refused.noPath(ask.getMethod(), ask.getRequestURI());
            }
            boolean models = ask.getServletPath().equals("/v1/models");
            String allowed = models ? "GET" : "POST";
            boolean head = models && ask.getMethod().equals("HEAD"); // as GET; the server leaves the body out
            if (!ask.getMethod().equals(allowed) && !head) {
                answer.setHeader("Allow", models ? "GET, HEAD" : "POST");
                throw Refused.noMethod(allowed);
            }
            if (models) {
                models(caller, ask.getPathInfo(), answer);
            } else {
                complete(caller, ask, answer);
            }
        } catch (KoshiException e) {
            refuse(answer, Refused.of(e), codec);
        } catch (Refused e) {
            refuse(answer, e, codec);
        }
    }

    private void complete(Caller caller, HttpServletRequest ask, HttpServletResponse answer) throws IOException {
        if (!caller.may("agent", Scope.WRITE)) {
            throw new KoshiException(ErrorCode.FORBIDDEN, caller.name() + " needs the scope agent.write");
        }
        long most = settings.config().gateway().maxFrame().bytes();
        byte[] body = Body.read(ask::getInputStream, most, ask.getContentLengthLong(), PATIENCE);
        Chat chat = Chat.of(codec.parseJson(body), codec);
        chat.model().ifPresent(name -> {
            if (!names().contains(name)) {
                throw Refused.noModel(name);
            }
        });
        Optional<String> session = Optional.ofNullable(ask.getHeader(SESSION)).filter(key -> !key.isBlank());
        if (session.isPresent() && session.get().length() > LONGEST_SESSION) {
            throw Refused.invalid(SESSION, "A session's key has at most " + LONGEST_SESSION + " characters.");
        }
        Answering answering = new Answering(registry, events, codec, pools, auth, caller, chat, session);
        if (chat.stream()) {
            answering.stream(ask, answer);
        } else {
            answering.whole(ask, answer);
        }
    }

    private void models(Caller caller, String path, HttpServletResponse answer) throws IOException {
        if (!caller.may("agent", Scope.READ)) {
            throw new KoshiException(ErrorCode.FORBIDDEN, caller.name() + " needs the scope agent.read");
        }
        if (path != null && path.length() > 1) {
            String name = path.substring(1);
            if (!name.equals(Chat.AGENT) && !names().contains(name)) {
                throw Refused.noModel(name);
            }
            json(answer, 200, codec.json(model(name)));
            return;
        }
        List<Object> list = new ArrayList<>();
        list.add(model(Chat.AGENT));
        names().forEach(name -> list.add(model(name)));
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("object", "list");
        all.put("data", list);
        json(answer, 200, codec.json(all));
    }

    private static Map<String, Object> model(String name) {
        Map<String, Object> model = new LinkedHashMap<>();
        model.put("id", name);
        model.put("object", "model");
        model.put("created", 0L);
        model.put("owned_by", "koshi");
        return model;
    }

    /** Models of the configuration. */
    private TreeSet<String> names() {
        return new TreeSet<>(settings.config().models().keySet());
    }

    static void refuse(HttpServletResponse answer, Refused why, Codec codec) throws IOException {
        if (why.retryAfterSeconds() > 0) {
            answer.setHeader("Retry-After", Long.toString(why.retryAfterSeconds()));
        }
        json(answer, why.status(), codec.json(why.body()));
    }

    /** Into the response's buffer, made large enough: the end of the exchange sends it, and nobody waits for that. */
    static void json(HttpServletResponse answer, int status, byte[] body) throws IOException {
        answer.setStatus(status);
        answer.setContentType("application/json");
        answer.setHeader("Cache-Control", "no-store");
        answer.setHeader("X-Content-Type-Options", "nosniff");
        if (body.length > USUAL_BUFFER) {
            answer.setBufferSize(body.length);
        }
        answer.setContentLength(body.length);
        answer.getOutputStream().write(body);
    }
}
