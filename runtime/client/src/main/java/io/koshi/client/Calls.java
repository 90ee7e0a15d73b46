package io.koshi.client;

import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** The calls under way, by their ids. Thread-safe. */
final class Calls {
    private final AtomicLong count = new AtomicLong();
    private final Map<String, Under> underWay = new ConcurrentHashMap<>();

    private record Under(Wire wire, CompletableFuture<Map<String, Object>> answer) {}

    CompletableFuture<Map<String, Object>> ask(Wire wire, String method, Map<String, ?> params, Duration deadline) {
        String id = Long.toString(count.incrementAndGet(), Character.MAX_RADIX);
        Map<String, Object> frame = new LinkedHashMap<>();
        frame.put("type", "req");
        frame.put("id", id);
        frame.put("method", method);
        frame.put("params", params);
        frame.put("deadlineMs", deadline.toMillis());
        CompletableFuture<Map<String, Object>> answer = new CompletableFuture<>();
        underWay.put(id, new Under(wire, answer));
        answer.whenComplete((done, failure) -> underWay.remove(id));
        try {
            wire.send(Cbor.write(frame));
        } catch (IOException e) {
            answer.completeExceptionally(HubException.gone());
        } catch (IllegalArgumentException e) {
            answer.completeExceptionally(new HubException("INVALID_PARAMS", e.getMessage()));
        }
        return answer;
    }

    @SuppressWarnings("unchecked")
    void answered(Map<?, ?> frame) {
        Under under = underWay.get(String.valueOf(frame.get("id")));
        if (under == null) {
            return; // nobody waits for it any more
        }
        if (Boolean.TRUE.equals(frame.get("ok"))) {
            Object payload = frame.get("payload");
            under.answer().complete(payload instanceof Map ? (Map<String, Object>) payload : Map.of());
        } else {
            under.answer().completeExceptionally(HubException.of(frame.get("error")));
        }
    }

    /** The connection is lost; {@code why} is null where nothing better is known. */
    void failAll(HubException why) {
        underWay.values().forEach(each -> each.answer().completeExceptionally(why == null ? HubException.gone() : why));
    }
}
