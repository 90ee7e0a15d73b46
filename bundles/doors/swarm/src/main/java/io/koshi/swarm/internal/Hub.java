package io.koshi.swarm.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Pools;
import io.koshi.codec.Codec;
import io.koshi.rpc.Caller;
import io.koshi.rpc.Registry;
import io.koshi.task.Leased;
import io.koshi.task.Leases;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The older hub's methods, done by this hub's. Thread-safe. */
final class Hub {
    private static final Logger LOG = LoggerFactory.getLogger(Hub.class);
    private static final int MOST_LISTED = 50_000;
    private static final int PAGE = 1000;
    private static final int LONG_ID = 8;
    private static final List<String> TYPES = List.of("chat", "python", "shell");

    private final Registry registry;
    private final Codec codec;
    private final Pools pools;
    private final SwarmSettings settings;
    private final Runnable shutdown;
    private final Grants grants = new Grants();

    Hub(Registry registry, Codec codec, Pools pools, SwarmSettings settings, Runnable shutdown) {
        this.registry = registry;
        this.codec = codec;
        this.pools = pools;
        this.settings = settings;
        this.shutdown = shutdown;
    }

    /** The key is compared in a time that does not depend on it. */
    void admit(Optional<String> token) {
        if (settings.key().isPresent()) {
            byte[] wanted = settings.key().get().getBytes(StandardCharsets.UTF_8);
            byte[] given = token.orElse("").getBytes(StandardCharsets.UTF_8);
            if (!MessageDigest.isEqual(wanted, given)) {
                throw new Refusal("Invalid KIRO_SWARM_KEY");
            }
        }
    }

    /**
     * Does what a line asks for.
     *
     * @param id the request's own
     * @throws Refusal with the older hub's text
     */
    CompletionStage<?> call(Caller caller, Object id, String method, Params params) {
        admit(params.text("auth_token"));
        return switch (method) {
            case "enqueue" -> enqueue(caller, id, params);
            case "lease" -> lease(caller, params);
            case "ack" -> ack(caller, params);
            case "list" -> list(caller, params);
            case "stats" -> stats(caller).thenApply(stats -> Map.of("stats", stats));
            case "retry_failed" ->
                ask(caller, "task.retry", Map.of("all", true))
                        .thenApply(done -> Map.of("retried", done.get("retried")));
            case "approve" -> approve(caller, params.neededNumber("task_id"));
            case "shutdown" -> {
                LOG.warn("A client has shut this door down; it opens again with the hub or a change of its settings");
                shutdown.run();
                yield ok();
            }
            default -> throw new Refusal("Unknown method: " + method);
        };
    }

    void closed(Caller caller) {
        grants.forget(caller.connection());
        registry.closed(caller);
    }

    private static CompletionStage<Map<String, Object>> ok() {
        return CompletableFuture.completedFuture(Map.of("ok", true));
    }

    /** A client that lost its connection sends the same request again, under the same id, which it drew at random. */
    CompletionStage<Map<String, Object>> enqueue(Caller caller, Object id, Params params) {
        Map<String, Object> task = new LinkedHashMap<>();
        String prompt = params.needed("prompt");
        task.put("prompt", prompt);
        params.text("system_prompt").filter(text -> !text.isEmpty()).ifPresent(text -> task.put("systemPrompt", text));
        task.put("type", params.text("type").filter(text -> !text.isEmpty()).orElse("chat"));
        if (id instanceof String text && text.length() >= LONG_ID) {
            task.put("requestId", "swarm:" + digest(text + '\n' + prompt));
        }
        return registry.call(caller, "task.enqueue", task, Registry.DEADLINE)
                .thenApply(made -> Map.of("task_id", number(made)));
    }

    private static String digest(String text) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, 16);
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private Object number(Object made) {
        return data(made).get("number");
    }

    private CompletionStage<Map<String, Object>> lease(Caller caller, Params params) {
        String worker = params.needed("worker_id");
        long max = Math.max(1, Math.min(PAGE, params.number("max_tasks", 1)));
        long seconds = Math.max(1, Math.min(86400, params.number("lease_seconds", settings.leaseSeconds())));
        Map<String, Object> ask = Map.of("worker", worker, "types", TYPES, "max", max, "leaseMs", seconds * 1000);
        return registry.call(caller, "task.lease", ask, Registry.DEADLINE).thenApply(leases -> {
            List<Map<String, Object>> tasks = new ArrayList<>();
            for (Leased task : ((Leases) leases).tasks()) {
                grants.put(task.number(), caller.connection(), task.fence());
                tasks.add(OldTask.leased(task));
            }
            return Map.of("tasks", tasks);
        });
    }

    private CompletionStage<Map<String, Object>> ack(Caller caller, Params params) {
        long task = params.neededNumber("task_id");
        String status = params.needed("status").toLowerCase(Locale.ROOT).strip();
        if (!status.equals("done") && !status.equals("failed")) {
            throw new Refusal("status must be done|failed");
        }
        boolean well = status.equals("done");
        String result = params.text("result").orElse("");
        String error = params.text("error").orElse(result.isEmpty() ? "failed" : result);
        Optional<Long> fence = grants.take(task, caller.connection());
        CompletionStage<Map<String, Object>> end;
        if (fence.isEmpty()) {
            end = ask(
                    caller,
                    "task.close",
                    Map.of("taskId", "" + task, "ok", well, "result", well ? result : error, "worker", caller.name()));
        } else if (well) {
            end = ask(caller, "task.ack", Map.of("taskId", "" + task, "fence", fence.get(), "result", result));
        } else {
            end = ask(
                    caller,
                    "task.nack",
                    Map.of("taskId", "" + task, "fence", fence.get(), "error", error, "then", "fail"));
        }
        return end.<Map<String, Object>>thenApply(done -> Map.of("ok", true))
                .exceptionally(failure -> late(task, failure));
    }

    /** What comes too late, or for a task that is not there, changes nothing; the older hub always said ok. */
    private Map<String, Object> late(long task, Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        if (cause instanceof KoshiException known
                && (known.code() == ErrorCode.CONFLICT || known.code() == ErrorCode.NOT_FOUND)) {
            LOG.info("What a worker brought for task {} came too late and was left: {}", task, known.getMessage());
            if (settings.strict()) {
                throw new Refusal("stale lease: " + known.getMessage());
            }
            return Map.of("ok", true);
        }
        throw failure instanceof CompletionException same ? same : new CompletionException(failure);
    }

    private CompletionStage<Map<String, Object>> approve(Caller caller, long task) {
        String result = "Approved by human";
        return ask(caller, "task.approve", Map.of("taskId", "" + task, "result", result))
                .<Map<String, Object>>thenApply(done -> Map.of("ok", true))
                .exceptionallyCompose(failure -> ask(
                                caller,
                                "task.close",
                                Map.of("taskId", "" + task, "ok", true, "result", result, "worker", "human"))
                        .thenApply(done -> Map.of("ok", true)))
                .exceptionally(failure -> late(task, failure));
    }

    CompletionStage<Map<String, Object>> list(Caller caller, Params params) {
        long limit = params.number("limit", params.values().get("limit") instanceof Long ? 0 : 50);
        int most = limit <= 0 ? MOST_LISTED : (int) Math.min(limit, MOST_LISTED);
        Optional<String> status = params.text("status").filter(text -> !text.isEmpty());
        Executor elsewhere = pools.work(); // for a long list; the door's thread reads for all clients
        return stats(caller)
                .thenApplyAsync(
                        stats -> {
                            List<Map<String, Object>> tasks = new ArrayList<>();
                            for (List<String> wanted : OldTask.statuses(status)) {
                                tasks.addAll(listed(caller, wanted, most));
                            }
                            tasks.sort((a, b) -> Long.compare((Long) b.get("task_id"), (Long) a.get("task_id")));
                            Map<String, Object> answer = new LinkedHashMap<>();
                            answer.put("tasks", tasks.size() > most ? tasks.subList(0, most) : tasks);
                            answer.put("stats", stats);
                            return answer;
                        },
                        elsewhere);
    }

    private List<Map<String, Object>> listed(Caller caller, List<String> status, int most) {
        List<Map<String, Object>> tasks = new ArrayList<>();
        Object before = null;
        do {
            Map<String, Object> query = new LinkedHashMap<>();
            query.put("limit", Math.min(PAGE, most - tasks.size()));
            query.put("full", true);
            if (!status.isEmpty()) {
                query.put("status", status.get(0));
            }
            if (before != null) {
                query.put("before", before);
            }
            Map<String, Object> page = data(registry.ask(caller, "task.list", query));
            ((List<?>) page.get("tasks")).forEach(task -> tasks.add(OldTask.listed(data(task))));
            before = page.get("next");
        } while (before != null && tasks.size() < most);
        return tasks;
    }

    CompletionStage<Map<String, Object>> stats(Caller caller) {
        return ask(caller, "task.stats", Map.of()).thenApply(OldTask::stats);
    }

    private CompletionStage<Map<String, Object>> ask(Caller caller, String method, Map<String, Object> params) {
        return registry.call(caller, method, params, Registry.DEADLINE).thenApply(this::data);
    }

    @SuppressWarnings("unchecked")
    private Map<String, Object> data(Object value) {
        return value instanceof Map ? (Map<String, Object>) value : (Map<String, Object>) codec.toData(value);
    }
}
