package io.koshi.memory.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.Http;
import io.koshi.api.KoshiException;
import io.koshi.codec.Codec;
import io.koshi.config.Config.EmbeddingsBlock;
import io.koshi.model.Spending;
import io.koshi.model.Spending.Purpose;
import io.koshi.model.Usage;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * Asks a service for the vectors of texts: OpenAI's {@code POST …/embeddings}, which vLLM, llama.cpp and others speak
 * too, or Ollama's {@code POST …/api/embed}. Thread-safe.
 */
final class EmbeddingService {
    /** A text beyond this is cut: models read some thousand tokens at most. */
    static final int MOST_CHARACTERS = 8000;

    private static final int MOST_BYTES = 64 << 20;
    private static final int MOST_DIMENSIONS = 8192;

    private final Http http;
    private final Codec codec;
    private final Spending spending;
    private final Executor work;

    EmbeddingService(Http http, Codec codec, Spending spending, Executor work) {
        this.http = http;
        this.codec = codec;
        this.spending = spending;
        this.work = work;
    }

    /** One vector of unit length for each text, in order; fails with a {@link KoshiException} or as the client does. */
    CompletableFuture<List<float[]>> vectors(EmbeddingsBlock config, List<String> texts, Duration limit) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("model", config.model());
        body.put("input", texts.stream().map(EmbeddingService::cut).toList());
        HttpRequest.Builder post = HttpRequest.newBuilder(address(config.endpoint()))
                .timeout(limit)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(codec.json(body)));
        config.apiKey().ifPresent(key -> post.header("Authorization", "Bearer " + key));
        return http.sendAsync(post.build(), HttpResponse.BodyHandlers.ofInputStream())
                .thenApplyAsync(answer -> read(answer, config.model(), texts.size()), work);
    }

    /** The whole address stands there, or the base of one of the two kinds of service. */
    static URI address(String endpoint) {
        String base = endpoint.endsWith("/") ? endpoint.substring(0, endpoint.length() - 1) : endpoint;
        if (base.endsWith("/embeddings") || base.endsWith("/embed")) {
            return URI.create(base);
        }
        return URI.create(base + (base.endsWith("/api") ? "/embed" : "/embeddings"));
    }

    private static String cut(String text) {
        return text.length() <= MOST_CHARACTERS ? text : text.substring(0, MOST_CHARACTERS);
    }

    private List<float[]> read(HttpResponse<InputStream> answer, String model, int expected) {
        try (InputStream body = answer.body()) {
            byte[] bytes = body.readNBytes(MOST_BYTES);
            if (answer.statusCode() != 200) {
                throw new KoshiException(
                        ErrorCode.SERVICE_UNAVAILABLE,
                        "the embeddings service answered " + answer.statusCode() + ": see memory.embeddings");
            }
            Object told = codec.parseJson(bytes);
            spending.spent(Purpose.EMBEDDING, model, new Usage(tokens(told), 0, 0, 0));
            List<float[]> vectors = vectors(told);
            if (vectors.size() != expected) {
                throw unreadable(vectors.size() + " vectors for " + expected + " texts");
            }
            return vectors;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@code {"usage":{"prompt_tokens":…}}} of OpenAI, {@code {"prompt_eval_count":…}} of Ollama; 0 where untold. */
    private static long tokens(Object answer) {
        Map<?, ?> told = answer instanceof Map<?, ?> map ? map : Map.of();
        Map<?, ?> usage = told.get("usage") instanceof Map<?, ?> map ? map : Map.of();
        Object tokens = usage.containsKey("prompt_tokens") ? usage.get("prompt_tokens") : told.get("prompt_eval_count");
        return tokens instanceof Number number ? Math.max(0, number.longValue()) : 0;
    }

    /** {@code {"data":[{"embedding":[…]}]}} of OpenAI, {@code {"embeddings":[[…]]}} of Ollama. */
    private static List<float[]> vectors(Object answer) {
        List<float[]> vectors = new ArrayList<>();
        if (answer instanceof Map<?, ?> map && map.get("embeddings") instanceof List<?> list) {
            list.forEach(each -> vectors.add(vector(each)));
        } else if (answer instanceof Map<?, ?> map && map.get("data") instanceof List<?> list) {
            float[][] ordered = new float[list.size()][];
            for (int i = 0; i < ordered.length; i++) {
                Map<?, ?> item = list.get(i) instanceof Map<?, ?> known ? known : Map.of();
                int index = item.get("index") instanceof Number number ? number.intValue() : i;
                if (index < 0 || index >= ordered.length || ordered[index] != null) {
                    throw unreadable("an index that is out of place");
                }
                ordered[index] = vector(item.get("embedding"));
            }
            vectors.addAll(List.of(ordered));
        }
        return vectors;
    }

    private static float[] vector(Object value) {
        if (!(value instanceof List<?> numbers) || numbers.isEmpty() || numbers.size() > MOST_DIMENSIONS) {
            throw unreadable("something that is no vector");
        }
        float[] vector = new float[numbers.size()];
        for (int i = 0; i < vector.length; i++) {
            if (!(numbers.get(i) instanceof Number number) || !Float.isFinite(number.floatValue())) {
                throw unreadable("a vector with something that is no number");
            }
            vector[i] = number.floatValue();
        }
        return Vector.unit(vector);
    }

    private static KoshiException unreadable(String what) {
        return new KoshiException(
                ErrorCode.SERVICE_UNAVAILABLE, "the embeddings service gave " + what + ": see memory.embeddings");
    }
}
