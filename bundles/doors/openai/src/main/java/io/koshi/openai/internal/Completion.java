package io.koshi.openai.internal;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One answer, in the words of OpenAI's API: whole, or a chunk at a time.
 *
 * @param usage whether a last chunk tells the usage; the others then say that they do not
 */
record Completion(String id, long created, String model, boolean usage) {

    Map<String, Object> whole(String text, String finish, Map<?, ?> usage) {
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("role", "assistant");
        message.put("content", text);
        message.put("refusal", null);
        Map<String, Object> choice = new LinkedHashMap<>();
        choice.put("index", 0L);
        choice.put("message", message);
        choice.put("logprobs", null);
        choice.put("finish_reason", finish);
        Map<String, Object> answer = head("chat.completion");
        answer.put("choices", List.of(choice));
        answer.put("usage", usage(usage));
        return answer;
    }

    Map<String, Object> first() {
        Map<String, Object> delta = new LinkedHashMap<>();
        delta.put("role", "assistant");
        delta.put("content", "");
        return chunk(delta, null);
    }

    Map<String, Object> more(String text) {
        return chunk(Map.of("content", text), null);
    }

    /** @param finish stop, or length where it was cut */
    Map<String, Object> last(String finish) {
        return chunk(Map.of(), finish);
    }

    Map<String, Object> ofUsage(Map<?, ?> usage) {
        Map<String, Object> chunk = head("chat.completion.chunk");
        chunk.put("choices", new ArrayList<>());
        chunk.put("usage", usage(usage));
        return chunk;
    }

    private Map<String, Object> chunk(Map<String, Object> delta, String finish) {
        Map<String, Object> choice = new LinkedHashMap<>();
        choice.put("index", 0L);
        choice.put("delta", delta);
        choice.put("logprobs", null);
        choice.put("finish_reason", finish);
        Map<String, Object> chunk = head("chat.completion.chunk");
        chunk.put("choices", List.of(choice));
        if (usage) {
            chunk.put("usage", null);
        }
        return chunk;
    }

    private Map<String, Object> head(String object) {
        Map<String, Object> head = new LinkedHashMap<>();
        head.put("id", id);
        head.put("object", object);
        head.put("created", created);
        head.put("model", model);
        return head;
    }

    private static Map<String, Object> usage(Map<?, ?> used) {
        long cached = number(used, "cacheReadTokens");
        long in = number(used, "inputTokens") + cached + number(used, "cacheWriteTokens");
        long out = number(used, "outputTokens");
        Map<String, Object> usage = new LinkedHashMap<>();
        usage.put("prompt_tokens", in);
        usage.put("completion_tokens", out);
        usage.put("total_tokens", in + out);
        usage.put("prompt_tokens_details", Map.of("cached_tokens", cached));
        return usage;
    }

    private static long number(Map<?, ?> map, String name) {
        return map.get(name) instanceof Number number ? number.longValue() : 0;
    }
}
