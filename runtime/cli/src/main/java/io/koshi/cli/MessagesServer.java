package io.koshi.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Does chat tasks by a server that speaks Anthropic's Messages API, version 2023-06-01. Thread-safe. */
final class MessagesServer implements Doing {
    private final ModelServer server;
    private final String model;
    private final long maxTokens;

    /** @param key null for none */
    MessagesServer(String endpoint, String model, String key, long maxTokens, Duration limit) {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("anthropic-version", "2023-06-01");
        if (key != null) {
            headers.put("x-api-key", key);
        }
        this.server = new ModelServer(ModelServer.address(endpoint, "/v1", "/messages"), headers, limit);
        this.model = model;
        this.maxTokens = maxTokens;
    }

    @Override
    public String work(Work work, String instructions, Path place, Path input)
            throws IOException, InterruptedException {
        Map<String, Object> ask = new LinkedHashMap<>();
        ask.put("model", model);
        ask.put("max_tokens", maxTokens);
        if (!instructions.isEmpty()) {
            ask.put("system", instructions);
        }
        ask.put("messages", List.of(Map.of("role", "user", "content", ModelServer.prompt(work, input))));
        Map<?, ?> answer = server.ask(ask);
        if ("max_tokens".equals(answer.get("stop_reason"))) {
            throw new IOException("the answer is longer than maxTokens, " + maxTokens + "; give the model more");
        }
        StringBuilder text = new StringBuilder();
        if (answer.get("content") instanceof List<?> blocks) {
            for (Object block : blocks) {
                if (block instanceof Map<?, ?> part && part.get("text") instanceof String words) {
                    text.append(words);
                }
            }
        }
        if (text.isEmpty()) {
            throw new IOException("the model answered without a message");
        }
        return text.toString();
    }
}
