package io.koshi.task.internal;

import io.koshi.api.KoshiException;
import io.koshi.codec.Default;
import io.koshi.codec.Range;
import io.koshi.rpc.Doc;
import io.koshi.rpc.Methods;
import io.koshi.rpc.Namespace;
import io.koshi.rpc.Rpc;
import io.koshi.rpc.Scope;
import io.koshi.store.Store;
import io.koshi.store.Tx;
import io.koshi.task.Tasks.Order;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/** {@code task.split}: many items, a task for each batch of them, and one that gathers what came of them. */
@Component(name = "io.koshi.task.split", service = Methods.class, configurationPolicy = ConfigurationPolicy.IGNORE)
@Namespace("task")
public final class SplitMethods implements Methods {
    private final TaskQueue tasks;
    private final Store store;

    @Activate
    public SplitMethods(@Reference TaskQueue tasks, @Reference Store store) {
        this.tasks = tasks;
        this.store = store;
    }

    record Split(
            @Doc("The split to add items to; absent to begin one.")
            Optional<String> splitId,

            @Doc("What it is called.") @Range(max = 400) Optional<String> title,

            @Doc("What each batch is to do; {{items}} stands for its items, else they follow it.")
            @Range(min = 1, max = 64000)
            Optional<String> prompt,

            @Doc("Items, at most 500 at a time; each any JSON.") @Default("[]") @Range(max = 500)
            List<Object> items,

            @Doc("The number of the first item here, from 0; what came before is passed over.")
            @Default("0")
            @Range(min = 0)
            long from,

            @Doc("Whether these are the last.") @Default("false")
            boolean last,

            @Doc("A prompt that finds the items: its result is a JSON list or lines.") @Range(min = 1, max = 64000)
            Optional<String> splitter,

            @Doc("Items in a batch.") @Default("1") @Range(min = 1, max = 500)
            int batch,

            @Doc("What gathers the results; where absent they are gathered and that is all.")
            @Range(min = 1, max = 64000)
            Optional<String> aggregate,

            @Doc("When batches fail: fail, ignore or threshold.") @Default("\"fail\"")
            Policy policy,

            @Doc("The share of batches that may fail, for threshold.") @Default("0.1")
            double threshold,

            @Doc("Of each batch: chat, python or shell.") @Default("\"chat\"")
            String type,

            @Doc("Lower goes first.") @Default("100") @Range(min = 0, max = 1000)
            int priority,

            @Doc("What it belongs to.") @Range(max = 200) Optional<String> project,

            @Doc("The skill of each batch's worker.") @Range(max = 200)
            Optional<String> skill,

            @Doc("A name from models, for each batch.") @Range(max = 200)
            Optional<String> model,

            @Doc("What the model is told before each batch.") @Range(max = 64000)
            Optional<String> systemPrompt,

            @Doc("Tries of each batch.") @Range(min = 1, max = 100)
            Optional<Integer> maxAttempts,

            @Doc("The same one again gives the first split back.") @Range(max = 200)
            Optional<String> requestId) {}

    record Progress(
            @Doc("The aggregator's ULID: task.get shows how far it is.")
            String splitId,

            @Doc("The aggregator's number.") long number,
            @Doc("Items that came.") long items,
            @Doc("Tasks made of them.") long batches,
            @Doc("Of those, done.") long done,
            @Doc("Of those, failed or cancelled.") long failed,
            @Doc("Whether all items are there.") boolean closed) {}

    @Rpc(value = "Makes a task of each batch of many items, and one that gathers their results.", scope = Scope.WRITE)
    public CompletionStage<Progress> split(Split ask) {
        if (ask.splitId().isEmpty()) {
            check(ask);
        }
        return store.write(tx -> {
            long n = ask.splitId().isPresent()
                    ? Book.number(tx, ask.splitId().get())
                    : known(tx, ask).orElseGet(() -> begin(tx, ask));
            if (!ask.items().isEmpty() || ask.last()) {
                tasks.splits().add(tx, n, ask.items(), ask.from(), ask.last());
            }
            String id = tx.first("SELECT id FROM task WHERE n = ?", row -> row.text("id"), n)
                    .orElseThrow();
            TaskViews.Progress now = Splits.progress(tx, n)
                    .orElseThrow(() -> KoshiException.invalid("/splitId", "task " + id + " is no split"));
            return new Progress(id, n, now.items(), now.batches(), now.done(), now.failed(), now.closed());
        });
    }

    private static void check(Split ask) {
        if (ask.prompt().isEmpty()) {
            throw KoshiException.invalid("/prompt", "say what each batch is to do");
        }
        if (!(ask.threshold() >= 0 && ask.threshold() <= 1)) {
            throw KoshiException.invalid("/threshold", "a share is from 0 to 1");
        }
        if (ask.splitter().isPresent() && (!ask.items().isEmpty() || ask.last())) {
            throw KoshiException.invalid("/splitter", "items come from you or from a splitter, not from both");
        }
        if (Kind.of(ask.type()) == Kind.HUMAN) {
            throw KoshiException.invalid("/type", "a batch's type is chat, python or shell");
        }
    }

    private static Optional<Long> known(Tx tx, Split ask) {
        return ask.requestId()
                .flatMap(id -> tx.first("SELECT n FROM task WHERE request_id = ?", row -> row.number("n"), id));
    }

    private long begin(Tx tx, Split ask) {
        Order aggregator = order(ask, ask.aggregate().orElse(""), "", "chat", ask.requestId());
        Order batch = order(ask, "-", "", ask.type(), Optional.empty());
        Optional<Order> splitter =
                ask.splitter().map(prompt -> order(ask, prompt, ": split", "chat", Optional.empty()));
        return tasks.splits()
                .begin(
                        tx,
                        aggregator,
                        new Splits.Plan(ask.prompt().orElseThrow(), ask.batch(), batch, ask.policy(), ask.threshold()),
                        splitter);
    }

    private static Order order(Split ask, String prompt, String role, String type, Optional<String> requestId) {
        return new Order(
                ask.title().map(title -> title + role),
                prompt,
                type,
                ask.priority(),
                ask.project(),
                ask.skill(),
                List.of(),
                requestId,
                List.of(),
                false,
                ask.model(),
                ask.systemPrompt(),
                Optional.empty(),
                ask.maxAttempts());
    }
}
