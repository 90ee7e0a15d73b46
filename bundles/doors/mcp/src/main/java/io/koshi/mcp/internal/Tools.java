package io.koshi.mcp.internal;

import io.koshi.api.KoshiException;
import io.koshi.api.Ulid;
import io.koshi.codec.Codec;
import io.koshi.rpc.Caller;
import io.koshi.rpc.MethodInfo;
import io.koshi.rpc.Registry;
import io.koshi.rpc.Scope;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** The hub's methods as tools: {@code session.list} is {@code session_list}. Thread-safe. */
final class Tools {
    /** Longer than for other guests: a model may be at work behind a tool. */
    private static final Duration DEADLINE = Duration.ofMinutes(5);

    private static final int PAGE = 100;
    private static final int LONGEST_NAME = 64;
    /** The one method that takes an id for what it begins. */
    private static final String RUN = "agent.run";

    /** Not for a guest that has a session of its own already. */
    private static final Set<String> HIDDEN = Set.of("mcp", "gateway");

    private static final Set<String> DESTRUCTIVE = Set.of(
            "delete", "remove", "forget", "revoke", "rotate", "wipe", "cancel", "abort", "stop", "restore", "import");

    private final Registry registry;
    private final Codec codec;

    Tools(Registry registry, Codec codec) {
        this.registry = registry;
        this.codec = codec;
    }

    /** What this caller may call, a page at a time. */
    Map<String, Object> list(Caller caller, Map<String, Object> params) {
        List<MethodInfo> all = registry.methods().stream()
                .filter(method -> offered(method) && caller.may(method.noun(), method.scope()))
                .toList();
        int from = Cursor.offset(params.get("cursor"), all.size());
        int to = Math.min(all.size(), from + PAGE);
        List<Object> tools = new ArrayList<>();
        all.subList(from, to).forEach(method -> tools.add(describe(method)));
        return Cursor.page("tools", tools, to < all.size() ? Integer.toString(to) : null);
    }

    /**
     * A call that a client asks for.
     *
     * @param runId of the run that it is, where it is one: known before it begins, so that none of its events is missed
     */
    record Errand(Registry registry, MethodInfo method, Map<String, Object> arguments, Optional<String> runId) {
        /** Fails with a KoshiException and nothing else; cancelling it calls the method off. */
        CompletableFuture<Object> begin(Caller caller) {
            return registry.call(caller, method.name(), arguments, DEADLINE).toCompletableFuture();
        }
    }

    /** @throws Fault INVALID_PARAMS for a tool that is not there */
    Errand errand(Incoming ask) {
        String name = ask.text("name");
        MethodInfo method = registry.methods().stream()
                .filter(each -> offered(each) && tool(each).equals(name))
                .findFirst()
                .orElseThrow(() -> new Fault(Fault.INVALID_PARAMS, "Unknown tool: " + name));
        Map<String, Object> arguments = new LinkedHashMap<>(arguments(ask));
        if (!method.name().equals(RUN)) {
            return new Errand(registry, method, arguments, Optional.empty());
        }
        arguments.putIfAbsent("runId", Ulid.next());
        return new Errand(registry, method, arguments, Optional.of(String.valueOf(arguments.get("runId"))));
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> arguments(Incoming ask) {
        Object arguments = ask.params().get("arguments");
        if (arguments != null && !(arguments instanceof Map)) {
            throw new Fault(Fault.INVALID_PARAMS, "'arguments' are an object");
        }
        return arguments == null ? Map.of() : (Map<String, Object>) arguments;
    }

    Map<String, Object> done(Object result) {
        Object data = codec.toData(result);
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("content", text(new String(codec.json(data), StandardCharsets.UTF_8)));
        answer.put("structuredContent", data);
        answer.put("isError", false);
        return answer;
    }

    /** What goes wrong in a tool is a result that says so, for the model to read. */
    Map<String, Object> failed(Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        if (!(cause instanceof KoshiException why)) {
            throw new IllegalStateException("the registry fails with nothing else", cause);
        }
        StringBuilder said = new StringBuilder(why.code() + ": " + why.getMessage());
        why.details()
                .forEach(each ->
                        said.append("\n").append(each.path()).append(": ").append(each.problem()));
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("content", text(said.toString()));
        answer.put("isError", true);
        return answer;
    }

    static List<Object> text(String said) {
        Map<String, Object> part = new LinkedHashMap<>();
        part.put("type", "text");
        part.put("text", said);
        return List.of(part);
    }

    private static boolean offered(MethodInfo method) {
        return !HIDDEN.contains(method.noun()) && method.name().length() <= LONGEST_NAME;
    }

    private static String tool(MethodInfo method) {
        return method.name().replace('.', '_');
    }

    private static Map<String, Object> describe(MethodInfo method) {
        String verb = method.name().substring(method.name().lastIndexOf('.') + 1);
        Map<String, Object> hints = new LinkedHashMap<>();
        hints.put("readOnlyHint", method.scope() == Scope.READ);
        if (method.scope() != Scope.READ) {
            hints.put("destructiveHint", method.scope() == Scope.ADMIN || DESTRUCTIVE.contains(verb));
        }
        hints.put(
                "openWorldHint",
                method.noun().equals("channel") || method.noun().equals("agent"));
        Map<String, Object> tool = new LinkedHashMap<>();
        tool.put("name", tool(method));
        tool.put("description", method.summary());
        tool.put("inputSchema", method.params());
        tool.put("outputSchema", method.result());
        tool.put("annotations", hints);
        return tool;
    }
}
