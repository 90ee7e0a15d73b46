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

    /** Whom it is offered to; the hub's structure, which no setting changes. */
    default Audience audience() {
        return Audience.WORKER;
    }

    /**
     * Runs on a work thread; an interrupt cancels it.
     *
     * @param arguments plain data that fits the spec's parameters
     * @return what the model is told, at most 100,000 characters are kept
     * @throws io.koshi.api.KoshiException what went wrong, which the model is told too
     */
    String run(Context context, Map<String, Object> arguments) throws Exception;

    /** The two sorts of agents, whose tools have nothing in common. */
    enum Audience {
        /** The main agent, which delegates, remembers, schedules and keeps tasks and skills, and touches nothing else. */
        COORDINATOR,
        /** A specialist, which acts on the world with the tools of its skill. */
        WORKER
    }

    /** On whose behalf a tool runs. */
    record Context(String sessionKey, String runId) {}
}
