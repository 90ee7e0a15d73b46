package io.koshi.task.internal;

import io.koshi.codec.Default;
import io.koshi.codec.Range;
import io.koshi.rpc.Doc;
import io.koshi.task.Tasks.Order;
import java.util.List;
import java.util.Optional;

/** What {@code task.enqueue} is asked. */
record Enqueue(
        @Doc("What it is called.") @Range(max = 500) Optional<String> title,
        @Doc("What is to be done.") String prompt,

        @Doc("chat, python, shell or human; a human's task waits for approval.") @Default("\"chat\"")
        String type,

        @Doc("Lower goes first.") @Default("100") @Range(min = 0, max = 1000)
        int priority,

        @Doc("What it belongs to.") @Range(max = 200) Optional<String> project,

        @Doc("The skill its worker uses.") @Range(max = 200) Optional<String> skill,

        @Doc("Tasks that must be done first, by id or number.") @Default("[]")
        List<String> dependsOn,

        @Doc("The same one again gives the first task back.") @Range(max = 200)
        Optional<String> requestId,

        @Doc("Whether the hub's own agent does it, and no worker.") @Default("false")
        boolean autoRun,

        @Doc("A name from models: a worker has to have it.") @Range(max = 200)
        Optional<String> model,

        @Doc("What the model is told before the prompt.") @Range(max = 64000)
        Optional<String> systemPrompt,

        @Doc("What is known about it.") @Range(max = 64000) Optional<String> context,

        @Doc("Tries that may fail before it has failed.") @Range(min = 1, max = 100)
        Optional<Integer> maxAttempts) {
    Order order() {
        return new Order(
                title,
                prompt,
                type,
                priority,
                project,
                skill,
                dependsOn,
                requestId,
                List.of(),
                autoRun,
                model,
                systemPrompt,
                context,
                maxAttempts);
    }
}
