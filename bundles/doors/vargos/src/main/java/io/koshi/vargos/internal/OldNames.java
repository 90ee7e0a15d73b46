package io.koshi.vargos.internal;

import io.koshi.rpc.MethodInfo;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the older gateway's methods are called here, and how their parameters and results differ. Its document and its
 * code disagree: both names and both parameters are taken, and results have the members of both.
 */
final class OldNames {
    /** Its code's names; those of its document are the hub's own. */
    private static final Map<String, String> METHODS = Map.of(
            "session.get", "session.list",
            "session.getMessages", "session.history",
            "session.addMessage", "session.send",
            "agent.stats", "agent.status");

    private OldNames() {}

    static String method(String old) {
        return METHODS.getOrDefault(old, old);
    }

    /** The parameters as the hub's method takes them; those it does not know are left out. */
    static Map<String, Object> params(String old, Map<String, Object> given, MethodInfo method) {
        Map<String, Object> params = new LinkedHashMap<>(given);
        switch (old) {
            case "channel.send" -> {
                rename(params, "userId", "conversation");
                rename(params, "userId", "to");
            }
            case "cron.add" -> {
                if (params.get("task") instanceof String task) {
                    rename(params, "task", "prompt");
                    params.put("task", OldFrame.members("title", params.get("name"), "prompt", task));
                }
            }
            case "cron.remove", "cron.run" -> rename(params, "id", "name");
            case "session.addMessage" -> rename(params, "text", "content");
            default -> {
                // the same on both sides
            }
        }
        if (method.params().get("properties") instanceof Map<?, ?> known) {
            params.keySet().retainAll(known.keySet());
        }
        return params;
    }

    /** Under another name where that is the one the other side knows; both are tried, the unknown one is dropped. */
    private static void rename(Map<String, Object> params, String from, String to) {
        Object value = params.get(from);
        if (value != null) {
            params.putIfAbsent(to, value);
        }
    }

    /** A result with the members of both the document and the code. */
    static Object result(String old, Object result, Map<String, Object> given) {
        if (!(result instanceof Map<?, ?> map)) {
            return result;
        }
        Map<String, Object> both = new LinkedHashMap<>();
        map.forEach((name, value) -> both.put(String.valueOf(name), value));
        switch (old) {
            case "channel.send" -> both.putIfAbsent("sent", true);
            case "session.get" -> {
                return one(both.get("sessions"), given.get("sessionKey"));
            }
            default -> {
                // the hub's results have both already
            }
        }
        return both;
    }

    private static Object one(Object sessions, Object key) {
        if (sessions instanceof List<?> list) {
            for (Object each : list) {
                if (each instanceof Map<?, ?> session
                        && session.get("sessionKey") instanceof String known
                        && known.equals(key)) {
                    return session;
                }
            }
        }
        return Map.of();
    }
}
