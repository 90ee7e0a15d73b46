package io.koshi.swarm.internal;

import io.koshi.codec.Codec;
import io.koshi.rpc.Caller;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The older hub's three tools for clients of the Model Context Protocol (2025-06-18 and before), one message and one
 * answer at a time and without sessions. Thread-safe.
 */
final class McpTools {
    private static final List<String> VERSIONS = List.of("2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05");
    private static final int INVALID_REQUEST = -32600;
    private static final int NOT_FOUND = -32601;
    private static final int INVALID_PARAMS = -32602;
    private static final long LISTED = 10;
    private static final long SEARCHED = 100;

    private final Hub hub;
    private final Codec codec;

    McpTools(Hub hub, Codec codec) {
        this.hub = hub;
        this.codec = codec;
    }

    private static final class Fault extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final int code;

        Fault(int code, String text) {
            super(text, null, false, false);
            this.code = code;
        }
    }

    /** The answer to a message; empty for a notification, which has none. */
    Optional<Map<String, Object>> answer(Caller caller, Object message) {
        Object id = message instanceof Map<?, ?> map ? map.get("id") : null;
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("jsonrpc", "2.0");
        answer.put("id", id);
        try {
            if (!(message instanceof Map<?, ?> ask) || !(ask.get("method") instanceof String method)) {
                throw new Fault(INVALID_REQUEST, "a message is an object with a method");
            }
            if (!ask.containsKey("id")) {
                return Optional.empty();
            }
            answer.put("result", result(caller, method, map(ask.get("params"))));
        } catch (Fault fault) {
            answer.put("error", Map.of("code", fault.code, "message", fault.getMessage()));
        }
        return Optional.of(answer);
    }

    private Object result(Caller caller, String method, Map<String, Object> params) {
        return switch (method) {
            case "initialize" -> welcome(params.get("protocolVersion"));
            case "ping" -> Map.of();
            case "tools/list" -> Map.of("tools", tools());
            case "tools/call" -> call(caller, String.valueOf(params.get("name")), map(params.get("arguments")));
            default -> throw new Fault(NOT_FOUND, "Method not found: " + method);
        };
    }

    private static Map<String, Object> welcome(Object version) {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("protocolVersion", VERSIONS.contains(version) ? version : VERSIONS.get(1));
        result.put("capabilities", Map.of("tools", Map.of()));
        result.put("serverInfo", Map.of("name", "kirosu", "version", "1"));
        return result;
    }

    private static List<Object> tools() {
        Map<String, Object> prompt = new LinkedHashMap<>();
        prompt.put("prompt", type("string", "What is to be done."));
        prompt.put("system_prompt", type("string", "What the model is told before it."));
        prompt.put("type", type("string", "chat, python, shell or human; chat where absent."));
        return List.of(
                tool("enqueue_task", "Makes a task for the swarm's workers.", prompt, "prompt"),
                tool(
                        "list_tasks",
                        "Lists the newest tasks and counts all of them.",
                        Map.of("limit", type("integer", "How many; 10 where absent."))),
                tool(
                        "get_task_status",
                        "Shows one of the newest 100 tasks.",
                        Map.of("task_id", type("integer", "Its number.")),
                        "task_id"));
    }

    private static Map<String, Object> type(String type, String description) {
        return Map.of("type", type, "description", description);
    }

    private static Map<String, Object> tool(
            String name, String description, Map<String, Object> properties, String... required) {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("type", "object");
        schema.put("properties", properties);
        schema.put("required", List.of(required));
        return Map.of("name", name, "description", description, "inputSchema", schema);
    }

    /** What goes wrong in a tool is a result, for the model to read. */
    private Object call(Caller caller, String name, Map<String, Object> given) {
        if (!List.of("enqueue_task", "list_tasks", "get_task_status").contains(name)) {
            throw new Fault(INVALID_PARAMS, "Unknown tool: " + name);
        }
        try {
            return shown(done(caller, name, new Params(given)), false);
        } catch (RuntimeException failed) {
            return shown(Map.of("error", Answers.text(failed)), true);
        }
    }

    private Map<String, Object> done(Caller caller, String name, Params params) {
        return switch (name) {
            case "enqueue_task" ->
                hub.enqueue(caller, null, params).toCompletableFuture().join();
            case "list_tasks" -> list(caller, params.number("limit", LISTED));
            default -> status(caller, params.neededNumber("task_id"));
        };
    }

    private Map<String, Object> list(Caller caller, long limit) {
        return hub.list(caller, new Params(Map.of("limit", limit)))
                .toCompletableFuture()
                .join();
    }

    private Map<String, Object> status(Caller caller, long number) {
        for (Object each : new ArrayList<>((List<?>) list(caller, SEARCHED).get("tasks"))) {
            Map<String, Object> task = map(each);
            if (task.get("task_id").equals(number)) {
                return task;
            }
        }
        throw new Refusal("Task " + number + " not found");
    }

    private Map<String, Object> shown(Map<String, Object> data, boolean failed) {
        Map<String, Object> result = new LinkedHashMap<>();
        String text = new String(codec.json(data), StandardCharsets.UTF_8);
        result.put("content", List.of(Map.of("type", "text", "text", text)));
        result.put("structuredContent", data);
        result.put("isError", failed);
        return result;
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> map(Object value) {
        return value instanceof Map ? (Map<String, Object>) value : Map.of();
    }
}
