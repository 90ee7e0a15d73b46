package io.koshi.cron.internal;

import io.koshi.api.Address;
import java.util.Optional;

/** What a job does at its slots. */
sealed interface Work {
    /** The word in which a list shows it. */
    String kind();

    /** What it is about, in a few words. */
    String about();

    /** Makes a task. */
    record MakeTask(Spec.Task task) implements Work {
        @Override
        public String kind() {
            return "task";
        }

        @Override
        public String about() {
            return task.title().or(task::prompt).orElseThrow();
        }

        String prompt() {
            return task.prompt().or(task::title).orElseThrow();
        }
    }

    /** Asks the agent. */
    record AskAgent(Spec.Message message, Optional<Address> replyTo) implements Work {
        @Override
        public String kind() {
            return "message";
        }

        @Override
        public String about() {
            return message.text();
        }
    }

    /** Says something to a person. */
    record Say(Address to, String text) implements Work {
        @Override
        public String kind() {
            return "notify";
        }

        @Override
        public String about() {
            return text;
        }
    }

    /**
     * Has the agent look around.
     *
     * @param words what to look after, read before the slot is claimed; empty when there is nothing
     */
    record Look(Spec.Heartbeat heartbeat, Optional<Address> replyTo, String words) implements Work {
        @Override
        public String kind() {
            return "heartbeat";
        }

        @Override
        public String about() {
            return heartbeat.prompt().orElse(heartbeat.file());
        }
    }
}
