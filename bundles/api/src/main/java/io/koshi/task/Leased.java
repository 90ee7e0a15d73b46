package io.koshi.task;

import io.koshi.api.Trust;
import io.koshi.rpc.Doc;
import java.time.Instant;
import java.util.Optional;

/**
 * A task in a worker's hands: all it needs to do it, and the token to end it with.
 *
 * @param number the task's row, for those who count tasks with whole numbers
 * @param fence greater than every token given before, in this start of the hub and in all earlier ones
 * @param leasedUntil empty for a lease that holds until it is ended
 */
public record Leased(
        @Doc("The task's ULID.") String taskId,
        @Doc("Counts tasks from 1.") long number,
        @Doc("What it is called.") Optional<String> title,
        @Doc("What is to be done.") String prompt,
        @Doc("chat, python or shell.") String type,
        @Doc("Lower goes first.") int priority,
        @Doc("What it belongs to.") Optional<String> project,
        @Doc("The skill its worker uses.") Optional<String> skill,

        @Doc("A name from models, which its worker has offered; the worker's own where absent.")
        Optional<String> model,

        @Doc("What the model is told before the prompt.") Optional<String> systemPrompt,
        @Doc("What is known about it.") Optional<String> context,
        @Doc("A blob with what it works on: see task.text.") Optional<String> inputRef,

        @Doc("Of those whose words are in it: high, medium or low.")
        Trust trust,

        @Doc("Which try this is, from 1.") int attempt,
        @Doc("Who has it.") String worker,
        @Doc("Give it with renew, ack and nack.") long fence,
        @Doc("When the lease runs out.") Optional<Instant> leasedUntil,
        @Doc("When it was made.") Instant createdAt) {}
