package io.koshi.agent.internal;

import io.koshi.agent.Agent.Ask;
import io.koshi.api.Batch;
import io.koshi.api.KoshiException;
import io.koshi.api.Problem;
import io.koshi.codec.Codec;
import io.koshi.codec.Default;
import io.koshi.codec.Range;
import io.koshi.router.Action;
import io.koshi.router.ActionName;
import io.koshi.store.Tx;
import io.koshi.task.Tasks;
import io.koshi.task.Tasks.Order;
import java.util.List;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/** {@code spawn: {skill, task, model?, autoRun?}} has a run of its own work on a task beside the conversation. */
@Component(name = "io.koshi.agent.spawn", service = Action.class, configurationPolicy = ConfigurationPolicy.IGNORE)
@ActionName("spawn")
public final class SpawnAction implements Action {
    /** How sessions of spawned runs begin. */
    static final String SESSION = "spawn:";

    private static final int MAX_TITLE = 120;

    private final TurnRoom room;
    private final Tasks tasks;
    private final Codec codec;

    @Activate
    public SpawnAction(@Reference TurnRoom room, @Reference Tasks tasks, @Reference Codec codec) {
        this.room = room;
        this.tasks = tasks;
        this.codec = codec;
    }

    /** @param autoRun false only makes the task, for a worker to take */
    record Argument(
            Optional<String> skill,
            @Range(min = 1) String task,
            Optional<String> model,
            @Default("true") boolean autoRun) {}

    @Override
    public List<Problem> check(Object argument) {
        try {
            codec.fromData(argument, Argument.class);
            return List.of();
        } catch (KoshiException e) {
            return e.details().isEmpty() ? List.of(new Problem("", e.getMessage())) : e.details();
        }
    }

    @Override
    public Outcome apply(Tx tx, Batch batch, Object argument) {
        Argument spawn = codec.fromData(argument, Argument.class);
        Prompt about = Prompt.of(batch, codec);
        String prompt = spawn.task() + "\n\nWhat it is about:\n" + about.text();
        String taskId = tasks.enqueue(
                tx,
                new Order(
                        Optional.of(Words.title(spawn.task(), MAX_TITLE)),
                        prompt,
                        "chat",
                        about.priority(),
                        Optional.empty(),
                        spawn.skill(),
                        List.of(),
                        Optional.empty(),
                        batch.ids()));
        if (!spawn.autoRun()) {
            return Outcome.DONE;
        }
        room.enqueue(
                tx,
                new Ask(
                        SESSION + taskId,
                        Optional.empty(),
                        batch.ids(),
                        prompt,
                        about.parts(),
                        spawn.model(),
                        Optional.of(taskId),
                        about.priority(),
                        about.trust()),
                Assignment.worker(spawn.skill(), Optional.empty()),
                Optional.empty(),
                Optional.empty());
        return Outcome.OPEN;
    }
}
