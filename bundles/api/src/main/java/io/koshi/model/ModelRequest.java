package io.koshi.model;

import io.koshi.api.Trust;
import java.util.List;

/**
 * What a model is asked.
 *
 * @param sessionKey whose conversation it is
 * @param system the system prompt, may be empty
 * @param stablePrefix how many of {@code messages} are the same as in the session's last request, for
 *     models that can cache a prompt
 * @param tools what it may call
 * @param maxTokens the most it may answer
 * @param trust the least trusted of those whose words are asked about
 */
public record ModelRequest(
        String sessionKey,
        String runId,
        String system,
        List<ModelMessage> messages,
        int stablePrefix,
        List<ToolSpec> tools,
        int maxTokens,
        Trust trust) {
    public ModelRequest {
        messages = List.copyOf(messages);
        tools = List.copyOf(tools);
    }
}
