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
                if (!params.containsKey("to")) {
                    rename(params, "userId", "conversation");
                }
            }
            case "cron.add" -> {
                if (params.remove("task") instanceof String asked) { // what its agent did when the time came
                    params.put("message", OldFrame.members("text", asked));
                }
            }
            case "cron.remove", "cron.run" -> rename(params, "name", "id");
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

    /** Under the name that the hub knows, unless that was given too. */
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
            case "cron.list" -> both.computeIfPresent("jobs", (name, jobs) -> enabled(jobs));
            case "session.get" -> {
                return one(both.get("sessions"), given.get("sessionKey"));
            }
            default -> {
                // the hub's results have both already
            }
        }
        return both;
    }

    /** Its jobs say whether they run at all. */
    private static Object enabled(Object jobs) {
        if (!(jobs instanceof List<?> list)) {
            return jobs;
        }
        return list.stream()
                .map(each -> {
                    if (!(each instanceof Map<?, ?> job)) {
                        return each;
                    }
                    Map<String, Object> told = new LinkedHashMap<>();
                    job.forEach((name, value) -> told.put(String.valueOf(name), value));
                    told.put("enabled", "active".equals(job.get("status")));
                    return told;
                })
                .toList();
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
