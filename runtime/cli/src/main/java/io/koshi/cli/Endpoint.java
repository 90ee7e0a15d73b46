package io.koshi.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Does chat tasks by a server that speaks OpenAI's chat completions. Thread-safe. */
final class Endpoint implements Doing {
    private final ModelServer server;
    private final String model;

    /** @param key null for none */
    Endpoint(String endpoint, String model, String key, Duration limit) {
        this.server = new ModelServer(
                ModelServer.address(endpoint, "/v1", "/chat/completions"),
                key == null ? Map.of() : Map.of("Authorization", "Bearer " + key),
                limit);
        this.model = model;
    }

    @Override
    public String work(Work work, String instructions, Path place, Path input)
            throws IOException, InterruptedException {
        List<Map<String, Object>> messages = new ArrayList<>();
        if (!instructions.isEmpty()) {
            messages.add(Map.of("role", "system", "content", instructions));
        }
        messages.add(Map.of("role", "user", "content", ModelServer.prompt(work, input)));
        Map<String, Object> ask = new LinkedHashMap<>();
        ask.put("model", model);
        ask.put("messages", messages);
        ask.put("stream", false);
        if (server.ask(ask).get("choices") instanceof List<?> choices
                && !choices.isEmpty()
                && choices.get(0) instanceof Map<?, ?> choice
                && choice.get("message") instanceof Map<?, ?> message
                && message.get("content") instanceof String content) {
            return content;
        }
        throw new IOException("the model answered without a message");
    }
}
