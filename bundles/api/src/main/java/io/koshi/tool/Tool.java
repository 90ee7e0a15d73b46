package io.koshi.tool;

import io.koshi.model.ToolSpec;
import java.util.Map;
import org.osgi.annotation.versioning.ConsumerType;

/** Something an agent can do, offered as a service. */
@ConsumerType
public interface Tool {
    /** Its name ({@code [a-z0-9_]{1,64}}, unique in the hub), what it is for and its parameters. */
    ToolSpec spec();

    /** Whether it only looks; others change something and may need approval. */
    boolean readOnly();

    /**
     * Runs on a work thread; an interrupt cancels it.
     *
     * @param arguments plain data that fits the spec's parameters
     * @return what the model is told, at most 100,000 characters are kept
     * @throws io.koshi.api.KoshiException what went wrong, which the model is told too
     */
    String run(Context context, Map<String, Object> arguments) throws Exception;

    /** On whose behalf a tool runs. */
    record Context(String sessionKey, String runId) {}
}
