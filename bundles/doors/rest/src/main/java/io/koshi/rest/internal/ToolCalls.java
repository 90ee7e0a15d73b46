package io.koshi.rest.internal;

import io.koshi.api.HttpProblem;
import io.koshi.api.KoshiException;
import io.koshi.auth.Auth;
import io.koshi.codec.Codec;
import io.koshi.config.Settings;
import io.koshi.rpc.Caller;
import io.koshi.rpc.Registry;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code POST /api/tools/call {tool, input}}: one tool of the hub, answered with {@code {"result"}} or {@code
 * {"error"}}, for scripts that call tools so. Thread-safe.
 */
final class ToolCalls {
    private static final Logger LOG = LoggerFactory.getLogger("io.koshi.rest");
    /** A person may be asked first. */
    private static final Duration DEADLINE = Duration.ofMinutes(10);

    private final Registry registry;
    private final Auth auth;
    private final Codec codec;
    private final Settings settings;

    ToolCalls(Registry registry, Auth auth, Codec codec, Settings settings) {
        this.registry = registry;
        this.auth = auth;
        this.codec = codec;
        this.settings = settings;
    }

    private record Said(int status, String name, String text) {}

    void serve(HttpServletRequest ask, HttpServletResponse answer) throws IOException {
        Map<String, Object> call = new LinkedHashMap<>();
        Caller caller;
        try {
            caller = auth.http(Ask.knock(ask));
            if (!ask.getMethod().equals("POST")) {
                Answer.notAllowed(answer, "POST", "POST {\"tool\", \"input\"}");
                return;
            }
            byte[] body = Ask.body(ask, settings.config().gateway().maxFrame().bytes());
            Map<String, Object> asked = Ask.params(codec, body);
            if (!(asked.get("tool") instanceof String tool) || tool.isEmpty()) {
                say(answer, new Said(400, "error", "Missing \"tool\" field"));
                return;
            }
            call.put("name", tool);
            call.put("args", fitted(caller, tool, asked.get("input") instanceof Map<?, ?> input ? input : Map.of()));
        } catch (KoshiException e) {
            Answer.refuse(answer, e);
            return;
        }
        AsyncContext exchange = ask.startAsync();
        exchange.setTimeout(0); // the registry ends every call at its deadline
        registry.call(caller, "tool.execute", call, DEADLINE).whenComplete((done, failure) -> {
            try {
                end(answer, (String) call.get("name"), done, failure);
            } catch (IOException gone) {
                LOG.debug("A client did not wait for its answer: {}", gone.getMessage());
            } finally {
                exchange.complete();
            }
        });
    }

    /** Such scripts write a list as one text with commas; a tool that wants a list is given one. */
    private Map<Object, Object> fitted(Caller caller, String tool, Map<?, ?> input) {
        Map<Object, Object> fitted = new LinkedHashMap<>(input);
        try {
            Map<?, ?> view = (Map<?, ?>) codec.toData(registry.ask(caller, "tool.describe", Map.of("name", tool)));
            Map<?, ?> schema = view.get("parameters") instanceof Map<?, ?> map ? map : Map.of();
            Map<?, ?> properties = schema.get("properties") instanceof Map<?, ?> map ? map : Map.of();
            fitted.replaceAll((name, value) -> value instanceof String text
                            && properties.get(name) instanceof Map<?, ?> property
                            && "array".equals(property.get("type"))
                    ? List.of(text.strip().split("\\s*,\\s*"))
                    : value);
        } catch (KoshiException notThere) {
            LOG.debug("{}", notThere.getMessage()); // which the call itself will say
        }
        return fitted;
    }

    private void end(HttpServletResponse answer, String tool, Object done, Throwable failure) throws IOException {
        if (failure == null) {
            Map<?, ?> output = (Map<?, ?>) codec.toData(done);
            boolean ok = Boolean.TRUE.equals(output.get("ok"));
            say(answer, new Said(ok ? 200 : 500, ok ? "result" : "error", String.valueOf(output.get("output"))));
            return;
        }
        KoshiException why = Answer.known(failure);
        switch (why.code()) {
            case NOT_FOUND, NO_HANDLER -> say(answer, new Said(200, "result", "Unknown tool: " + tool));
            case FORBIDDEN, OVERLOADED ->
                Answer.Document.of(HttpProblem.of(why)).write(answer);
            default -> say(answer, new Said(500, "error", why.getMessage()));
        }
    }

    private void say(HttpServletResponse answer, Said said) throws IOException {
        Answer.write(answer, said.status(), "application/json", codec.json(Map.of(said.name(), said.text())));
    }
}
