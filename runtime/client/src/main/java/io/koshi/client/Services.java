package io.koshi.client;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Answers the hub's calls, each on a thread of its own. Thread-safe. */
final class Services implements AutoCloseable {
    private final List<HubService> all = new CopyOnWriteArrayList<>();
    private final ExecutorService work = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "koshi-client-service");
        thread.setDaemon(true);
        return thread;
    });

    void add(HubService service) {
        all.add(service);
    }

    void remove(HubService service) {
        all.remove(service);
    }

    List<HubService> all() {
        return all;
    }

    Map<String, Object> params(HubService service) {
        Map<String, Object> params = new LinkedHashMap<>();
        params.put("service", service.name());
        params.put("version", service.version());
        params.put("methods", List.copyOf(service.methods().keySet()));
        params.put("events", service.events());
        return params;
    }

    @SuppressWarnings("unchecked")
    void serve(Wire wire, Map<?, ?> frame) {
        String id = String.valueOf(frame.get("id"));
        String method = String.valueOf(frame.get("method"));
        Map<String, Object> params =
                frame.get("params") instanceof Map<?, ?> map ? (Map<String, Object>) map : Map.of();
        work.execute(() -> {
            Map<String, Object> answer = new LinkedHashMap<>();
            answer.put("type", "res");
            answer.put("id", id);
            try {
                HubService.Answer handler = handler(method);
                Map<String, ?> payload = handler.to(params);
                answer.put("ok", true);
                answer.put("payload", payload == null ? Map.of() : payload);
            } catch (HubException e) {
                refuse(answer, e.code(), e.getMessage());
            } catch (Exception e) {
                refuse(answer, "METHOD_ERROR", e.getMessage() == null ? e.toString() : e.getMessage());
            }
            send(wire, answer);
        });
    }

    private HubService.Answer handler(String method) {
        for (HubService service : all) {
            HubService.Answer answer = service.methods().get(method);
            if (answer != null) {
                return answer;
            }
        }
        throw new HubException("NO_HANDLER", "this service has no " + method);
    }

    private static void refuse(Map<String, Object> answer, String code, String message) {
        answer.put("ok", false);
        answer.put("error", Map.of("code", code, "message", message));
    }

    private static void send(Wire wire, Map<String, Object> answer) {
        try {
            wire.send(Cbor.write(answer));
        } catch (IOException gone) {
            // the hub has told the caller so already
        } catch (IllegalArgumentException unwritable) {
            answer.remove("payload");
            refuse(answer, "METHOD_ERROR", String.valueOf(unwritable.getMessage()));
            send(wire, answer);
        }
    }

    @Override
    public void close() {
        work.shutdownNow();
    }
}
