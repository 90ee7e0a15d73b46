package io.koshi.mcp.internal;

import io.koshi.api.KoshiException;
import io.koshi.codec.Codec;
import io.koshi.rpc.Caller;
import io.koshi.rpc.Registry;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The hub's skills as prompts: what one says, with the task at hand behind it. Thread-safe. */
final class Prompts {
    private static final int PAGE = 100;

    private final Registry registry;
    private final Codec codec;

    Prompts(Registry registry, Codec codec) {
        this.registry = registry;
        this.codec = codec;
    }

    Map<String, Object> list(Caller caller, Map<String, Object> params) {
        List<Object> all = new ArrayList<>();
        Map<?, ?> answer = ask(caller, "skill.list", Map.of());
        if (answer != null && answer.get("skills") instanceof List<?> skills) {
            for (Object each : skills) {
                all.add(describe((Map<?, ?>) each));
            }
        }
        int from = Cursor.offset(params.get("cursor"), all.size());
        int to = Math.min(all.size(), from + PAGE);
        return Cursor.page("prompts", all.subList(from, to), to < all.size() ? Integer.toString(to) : null);
    }

    Map<String, Object> get(Caller caller, Incoming ask) {
        String name = ask.text("name");
        Map<?, ?> skill = ask(caller, "skill.load", Map.of("name", name));
        if (skill == null) {
            throw new Fault(Fault.INVALID_PARAMS, "Unknown prompt: " + name);
        }
        String said = String.valueOf(skill.get("text"));
        if (ask.params().get("arguments") instanceof Map<?, ?> arguments
                && arguments.get("task") instanceof String task) {
            said += "\n\n" + task;
        }
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("role", "user");
        message.put("content", Tools.text(said).get(0));
        Map<String, Object> prompt = new LinkedHashMap<>();
        if (skill.get("description") instanceof String description) {
            prompt.put("description", description);
        }
        prompt.put("messages", List.of(message));
        return prompt;
    }

    private static Map<String, Object> describe(Map<?, ?> skill) {
        Map<String, Object> task = new LinkedHashMap<>();
        task.put("name", "task");
        task.put("description", "What is to be done with it.");
        task.put("required", false);
        Map<String, Object> prompt = new LinkedHashMap<>();
        prompt.put("name", skill.get("name"));
        if (skill.get("description") instanceof String description) {
            prompt.put("description", description);
        }
        prompt.put("arguments", List.of(task));
        return prompt;
    }

    /** Null for what is not there or not for this caller. */
    private Map<?, ?> ask(Caller caller, String method, Map<String, Object> params) {
        try {
            return (Map<?, ?>) codec.toData(registry.ask(caller, method, params));
        } catch (KoshiException e) {
            return switch (e.code()) {
                case NOT_FOUND, NO_HANDLER, FORBIDDEN, INVALID_PARAMS -> null;
                default -> throw e;
            };
        }
    }
}
