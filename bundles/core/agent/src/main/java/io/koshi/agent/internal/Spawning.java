package io.koshi.agent.internal;

import io.koshi.agent.Agent.Ask;
import io.koshi.api.Address;
import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Message;
import io.koshi.api.Trust;
import io.koshi.codec.Codec;
import io.koshi.config.Settings;
import io.koshi.rpc.Caller;
import io.koshi.rpc.Registry;
import io.koshi.skill.Skill;
import io.koshi.store.Store;
import io.koshi.store.Tx;
import io.koshi.task.Tasks;
import io.koshi.task.Tasks.Order;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/** Gives work out: the task's record, its lease and the specialist's run are one commit. Thread-safe. */
@Component(name = "io.koshi.agent.spawning", service = Spawning.class, configurationPolicy = ConfigurationPolicy.IGNORE)
public final class Spawning {
    /** Generations of work that leads to work, before a person must be asked. */
    static final int MAX_GENERATIONS = 8;

    private static final int MAX_TITLE = 120;
    private static final Duration WAIT = Duration.ofSeconds(10);

    private final TurnRoom room;
    private final Store store;
    private final Tasks tasks;
    private final Settings settings;
    private final SkillShelf skills;
    private final ModelTable models;
    private final Registry registry;
    private final Codec codec;

    @Activate
    public Spawning(
            @Reference TurnRoom room,
            @Reference Store store,
            @Reference Tasks tasks,
            @Reference Settings settings,
            @Reference SkillShelf skills,
            @Reference ModelTable models,
            @Reference Registry registry,
            @Reference Codec codec) {
        this.room = room;
        this.store = store;
        this.tasks = tasks;
        this.settings = settings;
        this.skills = skills;
        this.models = models;
        this.registry = registry;
        this.codec = codec;
    }

    /**
     * Work to give out.
     *
     * @param taskId a task that waits; empty to make one
     * @param task what is to be done
     * @param employer the session that is told of its end
     * @param talksAt where that session's answers go
     * @param parentRunId the run that gives it out
     * @param trust the least trusted of those whose words are in it
     */
    record Work(
            Optional<String> taskId,
            String task,
            Optional<String> skill,
            Optional<String> context,
            Optional<String> model,
            int priority,
            Optional<String> employer,
            Optional<Address> talksAt,
            Optional<String> parentRunId,
            Trust trust) {
        /** The same by a run: its session is told, its trust is what it has read, its work comes before webhooks'. */
        static Work of(
                Optional<String> taskId,
                String task,
                Optional<String> skill,
                Optional<String> context,
                Optional<String> model,
                StoredTurn parent,
                Trust trust) {
            return new Work(
                    taskId,
                    task,
                    skill,
                    context,
                    model,
                    Message.PERSON,
                    Optional.of(parent.turn().sessionKey()),
                    parent.turn().replyTo(),
                    Optional.of(parent.turn().runId()),
                    trust);
        }
    }

    /** Work that was given out. */
    record Given(String taskId, String runId, String sessionKey) {}

    /**
     * Gives work out; completes when it is on disk.
     *
     * @return fails with OVERLOADED when too many specialists wait already, CONFLICT when the task does not wait
     */
    CompletionStage<Given> give(Work work) {
        check(work);
        return store.write(tx -> give(tx, work));
    }

    /** The same with what the task room knows of the task it names, where the work does not say otherwise. */
    Work known(Work work) {
        if (work.taskId().isEmpty()) {
            return work;
        }
        Object found = registry.ask(
                Caller.admin("agent"),
                "task.get",
                Map.of("taskId", work.taskId().get()));
        Map<?, ?> task = (Map<?, ?>) codec.toData(found);
        return new Work(
                work.taskId(),
                String.valueOf(task.get("prompt")),
                work.skill().or(() -> text(task, "skill")),
                work.context().or(() -> text(task, "context")),
                work.model().or(() -> text(task, "model")),
                work.priority(),
                work.employer(),
                work.talksAt(),
                work.parentRunId(),
                work.trust());
    }

    private static Optional<String> text(Map<?, ?> task, String name) {
        return Optional.ofNullable(task.get(name)).map(String::valueOf);
    }

    private void check(Work work) {
        if (work.task().isBlank()) {
            throw KoshiException.invalid("/task", "say what is to be done");
        }
        work.skill().ifPresent(name -> {
            List<Skill> known = skills.list();
            if (!known.isEmpty() && skills.find(name).isEmpty()) {
                throw KoshiException.invalid(
                        "/skill",
                        "there is no skill '" + name + "'; there are "
                                + known.stream().map(Skill::name).collect(Collectors.joining(", ")));
            }
        });
        work.model().ifPresent(name -> {
            if (!settings.config().models().containsKey(name)
                    && models.find(name).isEmpty()) {
                throw KoshiException.invalid(
                        "/model", "there is no model '" + name + "'; there are " + String.join(", ", models.names()));
            }
        });
    }

    private Given give(Tx tx, Work work) {
        int most = settings.config().agents().maxQueued();
        if (room.turns().queuedWorkers(tx) >= most) {
            throw KoshiException.overloaded(
                    most + " specialists wait already (agents.maxQueued); try again when some have ended", WAIT);
        }
        if (work.parentRunId().isPresent()
                && TurnQueue.generations(tx, work.parentRunId().get()) > MAX_GENERATIONS) {
            throw new KoshiException(
                    ErrorCode.CONFLICT, "this work has led to work too many times over; answer the person first");
        }
        String taskId = work.taskId().orElseGet(() -> tasks.enqueue(tx, order(work)));
        String session = SpawnAction.SESSION + taskId;
        Assignment assignment = Assignment.worker(work.skill(), Optional.empty());
        Ask ask = new Ask(
                session,
                Optional.empty(),
                List.of(),
                prompt(work.task(), work.context()),
                List.of(),
                work.model(),
                Optional.of(taskId),
                work.priority(),
                work.trust());
        String runId = room.enqueue(
                tx,
                ask,
                work.employer()
                        .map(employer -> assignment.workingFor(employer, work.talksAt()))
                        .orElse(assignment),
                work.parentRunId(),
                Optional.empty());
        return new Given(taskId, runId, session);
    }

    private static Order order(Work work) {
        Order plain = Order.chat(Words.title(work.task(), MAX_TITLE), work.task());
        return new Order(
                plain.title(),
                plain.prompt(),
                plain.type(),
                work.priority(),
                Optional.empty(),
                work.skill(),
                List.of(),
                Optional.empty(),
                List.of(),
                false,
                work.model(),
                Optional.empty(),
                work.context(),
                Optional.empty());
    }

    /** What a specialist is asked. */
    static String prompt(String task, Optional<String> context) {
        return task
                + context.filter(known -> !known.isBlank())
                        .map(known -> "\n\nWhat is known:\n" + known)
                        .orElse("");
    }
}
