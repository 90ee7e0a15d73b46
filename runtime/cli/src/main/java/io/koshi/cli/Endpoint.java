package io.koshi.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Does chat tasks by a server that speaks OpenAI's chat completions. Thread-safe. */
final class Endpoint implements Doing {
    private static final int LONGEST_INPUT = 400_000;

    private final URI address;
    private final String model;
    private final String key;
    private final Duration limit;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(20)).build();

    /** @param key null for none */
    Endpoint(URI endpoint, String model, String key, Duration limit) {
        this.address = URI.create(endpoint.toString().replaceAll("/+$", "") + "/chat/completions");
        this.model = model;
        this.key = key;
        this.limit = limit;
    }

    @Override
    public String work(Work work, String instructions, Path place, Path input)
            throws IOException, InterruptedException {
        List<Map<String, Object>> messages = new ArrayList<>();
        if (!instructions.isEmpty()) {
            messages.add(Map.of("role", "system", "content", instructions));
        }
        messages.add(Map.of("role", "user", "content", work.prompt() + text(input)));
        Map<String, Object> ask = new LinkedHashMap<>();
        ask.put("model", model);
        ask.put("messages", messages);
        ask.put("stream", false);
        HttpRequest.Builder request = HttpRequest.newBuilder(address)
                .timeout(limit)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(Json.write(ask), UTF_8));
        if (key != null) {
            request.header("Authorization", "Bearer " + key);
        }
        HttpResponse<String> answer = http.send(request.build(), BodyHandlers.ofString(UTF_8));
        if (answer.statusCode() != 200) {
            String said = answer.body().replaceAll("\\s+", " ");
            throw new IOException("the model answered " + answer.statusCode() + ": "
                    + said.substring(0, Math.min(500, said.length())));
        }
        return content(answer.body());
    }

    private static String text(Path input) throws IOException {
        if (input == null) {
            return "";
        }
        if (Files.size(input) > LONGEST_INPUT) {
            throw new IOException("the input has " + Files.size(input) + " bytes, more than a model is asked at once ("
                    + LONGEST_INPUT + "); let a command do it");
        }
        return "\n\n" + Files.readString(input, UTF_8);
    }

    private static String content(String body) throws IOException {
        try {
            if (Json.read(body) instanceof Map<?, ?> answer
                    && answer.get("choices") instanceof List<?> choices
                    && !choices.isEmpty()
                    && choices.get(0) instanceof Map<?, ?> choice
                    && choice.get("message") instanceof Map<?, ?> message
                    && message.get("content") instanceof String content) {
                return content;
            }
        } catch (IllegalArgumentException e) {
            throw new IOException("the model answered no JSON: " + e.getMessage(), e);
        }
        throw new IOException("the model answered without a message");
    }
}
