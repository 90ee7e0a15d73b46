package io.koshi.tool;

import io.koshi.api.Trust;
import io.koshi.model.ToolCall;
import io.koshi.model.ToolSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The tools that are here now, and the one guarded way to run them. Thread-safe.
 *
 * <p>A model's loop keeps a run's {@link Run#trust} at the least of what started it and of every {@link Outcome#trust}
 * it was given, and hands that on to whatever the run starts.
 */
@ProviderType
public interface Tools {
    Optional<Tool> find(String name);

    /** All of them, by name. */
    List<Tool> list();

    /** What an agent of this sort may be offered, by name; of these names only, where some are given. */
    default List<ToolSpec> offered(Tool.Audience audience, Optional<Set<String>> names) {
        return list().stream()
                .filter(tool -> tool.audience() == audience)
                .map(Tool::spec)
                .filter(spec -> names.isEmpty() || names.get().contains(spec.name()))
                .toList();
    }

    /**
     * Runs a tool for a model, or says in words for the model why it was not run: unknown or not offered, malformed
     * arguments, forbidden, denied, too slow, failed. Waits for a person where one must approve. Never throws but when
     * interrupted, which cancels the call.
     */
    Outcome run(Run run, ToolCall call) throws InterruptedException;

    /**
     * Who calls.
     *
     * @param person the session in whose conversation a person is asked: the run's own, or for a sub-agent that of the
     *     run it works for
     * @param skill the skill it works by
     * @param offered names of the tools its model was offered; anything else is unknown to it
     * @param trust the least trusted of those whose words it has read so far
     */
    record Run(
            String sessionKey,
            String runId,
            String person,
            Optional<String> skill,
            Tool.Audience audience,
            Set<String> offered,
            Trust trust) {
        public Run {
            Objects.requireNonNull(sessionKey, "sessionKey");
            Objects.requireNonNull(runId, "runId");
            Objects.requireNonNull(person, "person");
            Objects.requireNonNull(trust, "trust");
            offered = Set.copyOf(offered);
        }

        /** The same run after it has read what someone less trusted wrote. */
        public Run having(Trust read) {
            return read.compareTo(trust) <= 0
                    ? this
                    : new Run(sessionKey, runId, person, skill, audience, offered, read);
        }
    }

    /**
     * How a call ended.
     *
     * @param output what the model is told, at most 100,000 characters, head and tail of it where it was longer
     * @param trust of whoever wrote the output
     * @param took with the time it waited for a person
     * @param denied whether it was not run because nobody allowed it: a person, the settings or the tool's own floor
     */
    record Outcome(String output, boolean ok, Trust trust, Instant at, Duration took, boolean denied) {
        public Outcome(String output, boolean ok, Trust trust, Instant at, Duration took) {
            this(output, ok, trust, at, took, false);
        }
    }
}
