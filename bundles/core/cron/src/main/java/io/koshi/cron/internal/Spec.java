package io.koshi.cron.internal;

import io.koshi.api.Address;
import io.koshi.api.KoshiException;
import io.koshi.codec.Default;
import io.koshi.codec.Range;
import io.koshi.rpc.Doc;
import java.time.Duration;
import java.util.Optional;

/** A job as it is written in koshi.yaml and asked for by {@code cron.add}. */
record Spec(
        @Doc("What it is called; one active job has it.") @Range(min = 1, max = 100)
        String name,

        @Doc("What it is for.") @Range(max = 2000) Optional<String> description,

        @Doc("Such as 30 7 * * *, @daily, every 10m or at 2026-12-01T09:00; a heartbeat's is */30 * * * * unless told.")
        Optional<String> schedule,

        @Doc("An IANA zone such as Europe/Helsinki; the machine's unless told.")
        Optional<String> timezone,

        @Doc("What becomes of times that passed while the hub could not run: skip, once or all.") @Default("\"once\"")
        Missed missed,

        @Doc("What happens at a time while the run before goes on: skip, queue or allow.") @Default("\"skip\"")
        Concurrency concurrency,

        @Doc("Each time is put off by up to so much, always the same for the same time.") @Default("0")
        Duration jitterMs,

        @Doc("The hours of the day it runs in, such as 08:00-22:00 or 22:00-06:00.")
        Optional<String> active,

        @Doc("Whether it runs at all.") @Default("true") boolean enabled,

        @Doc("Makes a task: what is to be done, or title, prompt, skill, autoRun, priority, project and model.")
        Optional<Object> task,

        @Doc("Asks the agent.") Optional<Message> message,
        @Doc("Says something in a conversation.") Optional<Notify> notify_,

        @Doc("Has the agent look around; it is silent when there is nothing to say.")
        Optional<Heartbeat> heartbeat,

        @Doc("Where it is said that a run failed.") Optional<Tell> tell) {

    private static final Duration LONGEST_JITTER = Duration.ofDays(1);

    Spec {
        if (jitterMs.isNegative() || jitterMs.compareTo(LONGEST_JITTER) > 0) {
            throw KoshiException.invalid("/jitterMs", "0 to 86400000, a day");
        }
    }

    /** What becomes of slots that passed while the hub could not run. */
    enum Missed {
        SKIP,
        ONCE,
        ALL
    }

    /** What happens at a slot while the run before goes on. */
    enum Concurrency {
        SKIP,
        QUEUE,
        ALLOW
    }

    /** A task that is made at each slot. */
    record Task(
            @Range(min = 1, max = 500) Optional<String> title,
            @Range(min = 1, max = 1_000_000) Optional<String> prompt,
            Optional<String> skill,
            Optional<String> template,
            @Default("false") boolean autoRun,
            @Default("100") @Range(min = 0, max = 1000) int priority,
            Optional<String> project,
            Optional<String> model) {
        Task {
            if (title.isEmpty() && prompt.isEmpty()) {
                throw KoshiException.invalid("", "needs a title or a prompt that says what is to be done");
            }
        }
    }

    /** Words for the agent. */
    record Message(
            @Doc("What is asked.") @Range(min = 1, max = 1_000_000)
            String text,

            @Doc("The session it belongs to; cron: and the job's name unless told.") @Range(min = 1, max = 1024)
            Optional<String> session,

            @Doc("The channel the answer goes to.") Optional<String> channel,
            @Doc("The conversation on it.") Optional<String> to,
            @Doc("A name from models.") Optional<String> model) {
        Optional<Address> replyTo() {
            return address(channel, to, "/message");
        }
    }

    /** Words for a person. */
    record Notify(
            @Doc("The channel.") String channel,
            @Doc("The conversation on it.") String to,

            @Doc("What is said.") @Range(min = 1, max = 100_000)
            String text) {}

    /** A look around. */
    record Heartbeat(
            @Doc("The session it belongs to.") @Default("\"main\"") @Range(min = 1, max = 1024)
            String session,

            @Doc("The channel what it has to say goes to.") Optional<String> channel,
            @Doc("The conversation on it.") Optional<String> to,

            @Doc("What to look after, a file in the home; while it says nothing there is no heartbeat.")
            @Default("\"HEARTBEAT.md\"")
            String file,

            @Doc("Asked instead of the file's words.") @Range(min = 1, max = 100_000)
            Optional<String> prompt,

            @Doc("A name from models.") Optional<String> model) {
        Optional<Address> replyTo() {
            return address(channel, to, "/heartbeat");
        }
    }

    /** Whom a run's end is told. */
    record Tell(
            @Doc("The channel.") String channel,
            @Doc("The conversation on it.") String to,

            @Doc("failure, or always.") @Default("\"failure\"")
            When on) {}

    /** Which ends are told. */
    enum When {
        FAILURE,
        ALWAYS
    }

    private static Optional<Address> address(Optional<String> channel, Optional<String> to, String path) {
        if (channel.isPresent() != to.isPresent()) {
            throw KoshiException.invalid(path, "channel and to stand together");
        }
        return channel.map(name -> Address.of(name, to.orElseThrow()));
    }
}
