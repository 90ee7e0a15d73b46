package io.koshi.agent.internal;

import io.koshi.api.Trust;
import io.koshi.model.ModelRequest;
import io.koshi.tool.Tools;
import java.util.List;

/**
 * What a turn's model is given, and what that makes of the turn.
 *
 * @param run as whom it calls tools
 * @param results numbers of the results it reads
 * @param parts what its system prompt is made of
 */
record Brief(ModelRequest request, Tools.Run run, List<Long> results, List<SystemPrompt.Part> parts) {
    Trust trust() {
        return run.trust();
    }
}
