package io.koshi.tool;

import io.koshi.api.Trust;
import io.koshi.model.ToolSpec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Something an agent can do, offered as a service. It is only ever called through {@link Tools#run}, which checks the
 * arguments against {@link #spec}, asks a person where one must be asked, and holds it to its limits.
 */
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
     * Whether what it changes keeps the run's trust ({@link Context#trust}) with it, as a memory, a task and a
     * sub-agent do: then a run that has read untrusted text may still use it without a person.
     */
    default boolean carriesTrust() {
        return false;
    }

    /**
     * Whether a call tells somebody outside its arguments even where it only reads, as the URL of a fetch does. A run that
     * has read untrusted text then needs a person's word for a host that neither a list of the settings names
     * ({@link Verdict#LISTED}) nor the run has asked before it read such text; the {@link Intent#bound} says the host
     * under {@link Intent#HOST}.
     */
    default boolean tellsOutside() {
        return false;
    }

    /** How long one call may take; it is interrupted then, and the model is told. */
    default Duration limit() {
        return Duration.ofSeconds(60);
    }

    /** How many calls may run at once in the whole hub; the rest wait their turn. */
    default int atOnce() {
        return 8;
    }

    /**
     * What a call would do, looked at before anything is done: called when approval is asked for and again right before
     * the call runs, where a difference refuses it. Must change nothing and be quick.
     *
     * @param arguments plain data that fits the spec's parameters
     * @throws io.koshi.api.KoshiException when the call cannot be made at all, which the model is told
     */
    default Intent intent(Context context, Map<String, Object> arguments) throws Exception {
        return Intent.UNLISTED;
    }

    /**
     * Runs on a work thread; an interrupt cancels it.
     *
     * @param arguments plain data that fits the spec's parameters
     * @throws io.koshi.api.KoshiException what went wrong, in the tool's own words and never in those of whoever wrote
     *     what it read; the model is told
     */
    Output run(Context context, Map<String, Object> arguments) throws Exception;

    /** The two sorts of agents, whose tools have nothing in common. */
    enum Audience {
        /** The main agent, which delegates, remembers, schedules and keeps tasks and skills, and touches nothing else. */
        COORDINATOR,
        /** A specialist, which acts on the world with the tools of its skill. */
        WORKER
    }

    /**
     * On whose behalf a tool runs.
     *
     * @param callId the model's id of the call, unique in its run
     * @param skill the skill the run works by, whose own lists a tool may have
     * @param workspace the directory tools work in, which exists; files elsewhere are not theirs
     * @param trust the least trusted of those whose words the run has read; what a tool keeps is kept with it
     */
    record Context(
            String sessionKey, String runId, String callId, Optional<String> skill, Path workspace, Trust trust) {
        public Context {
            Objects.requireNonNull(sessionKey, "sessionKey");
            Objects.requireNonNull(runId, "runId");
            Objects.requireNonNull(trust, "trust");
        }
    }

    /**
     * What a tool gave.
     *
     * @param text what the model is told, at most 100,000 characters are kept
     * @param ok whether it did what it was asked
     * @param trust of whoever wrote the text; a run that reads LOW loses what writes until a person approves
     */
    record Output(String text, boolean ok, Trust trust) {
        public Output {
            Objects.requireNonNull(text, "text");
            Objects.requireNonNull(trust, "trust");
        }

        /** The hub's own words, or its owner's. */
        public static Output of(String text) {
            return new Output(text, true, Trust.HIGH);
        }

        /** Words from outside: a fetched page, an issue, a server's answer. */
        public static Output untrusted(String text) {
            return new Output(text, true, Trust.LOW);
        }

        /** It did not work; the model is told why in the tool's own words. */
        public static Output failed(String text) {
            return new Output(text, false, Trust.HIGH);
        }
    }

    /**
     * What a call would do.
     *
     * @param verdict how the lists of the settings take it
     * @param reason why it is forbidden, for the model and the log; empty otherwise
     * @param bound what else an approval holds for, besides the exact arguments: the directory, the SHA-256 of the file
     *     it would change, by name; shown to the person who approves
     */
    record Intent(Verdict verdict, Optional<String> reason, Map<String, String> bound) {
        /** Under this name a fact says which host hears of the call. */
        public static final String HOST = "host";

        /** Nothing is known of it but its arguments. */
        public static final Intent UNLISTED = new Intent(Verdict.UNLISTED, Optional.empty(), Map.of());

        public Intent {
            bound = Map.copyOf(bound);
        }

        /** An allow list names it. */
        public static Intent listed(Map<String, String> bound) {
            return new Intent(Verdict.LISTED, Optional.empty(), bound);
        }

        /** No list names it. */
        public static Intent unlisted(Map<String, String> bound) {
            return new Intent(Verdict.UNLISTED, Optional.empty(), bound);
        }

        /** Nobody may do it: no mode and no approval lifts this. */
        public static Intent forbidden(String reason) {
            return new Intent(Verdict.FORBIDDEN, Optional.of(reason), Map.of());
        }
    }

    /** How the lists of the settings take a call. */
    enum Verdict {
        /** An allow list names it; under {@code tools.approval: allow-list} it runs without asking. */
        LISTED,
        /** No list names it. */
        UNLISTED,
        /** On a deny list or below the floor: it is refused whatever the mode and whoever approves. */
        FORBIDDEN
    }
}
