package io.koshi.agent.internal;

import io.koshi.agent.Agent;
import io.koshi.agent.internal.AgentViews.Completed;
import io.koshi.agent.internal.Running.Reason;
import io.koshi.api.Blobs;
import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Pools;
import io.koshi.api.Trust;
import io.koshi.buffer.Buffer;
import io.koshi.codec.Codec;
import io.koshi.config.Config.WhenBusy;
import io.koshi.config.Settings;
import io.koshi.event.Events;
import io.koshi.hub.Drain;
import io.koshi.memory.Memories;
import io.koshi.outbox.Outbox;
import io.koshi.session.Sessions;
import io.koshi.store.Store;
import io.koshi.store.Tx;
import io.koshi.task.Leased;
import io.koshi.task.Tasks;
import io.koshi.tool.Tools;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/** Where turns are asked for, called off and drained; {@link Dispatcher} runs them. Thread-safe. */
@Component(
        name = "io.koshi.agent",
        service = {Agent.class, TurnRoom.class, Drain.class},
        immediate = true,
        configurationPolicy = ConfigurationPolicy.IGNORE)
public final class TurnRoom implements Agent, Drain {
    private final Settings settings;
    private final Tasks tasks;
    private final TurnQueue turns;
    private final AgentResults results;
    private final UsageBook usage;
    private final Briefing briefing;
    private final Chain chain;
    private final Settlement settlement;
    private final Dispatcher dispatcher;
    private final Errands errands;

    @Activate
    public TurnRoom(
            @Reference Store store,
            @Reference Codec codec,
            @Reference Settings settings,
            @Reference Events events,
            @Reference Pools pools,
            @Reference Sessions sessions,
            @Reference Outbox outbox,
            @Reference Buffer buffer,
            @Reference Tasks tasks,
            @Reference Tools tools,
            @Reference Memories memories,
            @Reference Blobs blobs,
            @Reference ModelTable models,
            @Reference SkillShelf skills,
            @Reference UsageBook usage) {
        this(
                store,
                codec,
                settings,
                events,
                pools,
                sessions,
                outbox,
                buffer,
                tasks,
                tools,
                memories,
                blobs,
                models,
                skills,
                usage,
                Pace.USUAL);
    }

    TurnRoom(
            Store store,
            Codec codec,
            Settings settings,
            Events events,
            Pools pools,
            Sessions sessions,
            Outbox outbox,
            Buffer buffer,
            Tasks tasks,
            Tools tools,
            Memories memories,
            Blobs blobs,
            ModelTable models,
            SkillShelf skills,
            UsageBook usage,
            Pace pace) {
        this.settings = settings;
        this.tasks = tasks;
        this.turns = new TurnQueue(store, codec);
        this.results = new AgentResults(store);
        this.usage = usage;
        this.chain = new Chain(settings, skills, new Cooldowns(System::nanoTime));
        this.briefing = new Briefing(sessions, settings, tools, skills, memories, results, new Attachments(blobs));
        Compaction compaction = new Compaction(sessions, settings, store);
        Workshop workshop = new Workshop(
                briefing,
                compaction,
                new Commands(sessions, turns, chain, models, usage, briefing, compaction),
                new Arrivals(store, settings, turns),
                usage,
                new SkillWriter(skills, settings, pools),
                tools,
                pools);
        Closing closing = new Closing(turns, sessions, outbox, buffer, tasks, events, results);
        this.settlement = new Settlement(store, pools, events, turns, closing, chain, pace);
        this.dispatcher =
                new Dispatcher(store, settings, events, pools, models, turns, settlement, workshop, chain, pace);
        this.errands = new Errands(store, settings, tasks, turns, this::enqueueLeased);
        settlement.recover();
        dispatcher.onFree(errands::look);
        errands.open(pools);
        dispatcher.wake();
    }

    @Override
    public String enqueue(Tx tx, Ask ask) {
        return enqueue(tx, ask, Assignment.MAIN, Optional.empty(), Optional.empty());
    }

    /** As {@link #enqueue(Tx, Ask)}; {@code waiter} is given the run's end, if this hub lives to see it. */
    String enqueue(
            Tx tx,
            Ask ask,
            Assignment assignment,
            Optional<String> parentRunId,
            Optional<CompletableFuture<Completed>> waiter) {
        return enqueue(tx, ask, Optional.empty(), assignment, parentRunId, waiter);
    }

    /** With an id that the asker has chosen: CONFLICT where a run has had it. */
    String enqueue(
            Tx tx,
            Ask ask,
            Optional<String> chosen,
            Assignment assignment,
            Optional<String> parentRunId,
            Optional<CompletableFuture<Completed>> waiter) {
        String runId = turns.add(tx, chosen, ask, assignment, parentRunId);
        ask.taskId().ifPresent(taskId -> {
            long fence = tasks.lease(tx, taskId, "run:" + runId)
                    .orElseThrow(() ->
                            new KoshiException(ErrorCode.CONFLICT, "task " + taskId + " is not queued: see task.get"));
            turns.fence(tx, runId, fence);
        });
        Optional<Reason> interrupts = interrupts(ask, assignment);
        interrupts.ifPresent(why -> turns.interrupt(tx, ask.sessionKey()));
        tx.afterCommit(() -> {
            waiter.ifPresent(done -> settlement.await(runId, done));
            interrupts.ifPresent(why -> dispatcher.interrupt(ask.sessionKey(), why));
            dispatcher.wake();
        });
        return runId;
    }

    /** Why what runs in the session ends for this; empty when it goes on. */
    private Optional<Reason> interrupts(Ask ask, Assignment assignment) {
        if (assignment.kind() != Assignment.Kind.MAIN) {
            return Optional.empty();
        }
        boolean stops = ask.trust() != Trust.LOW
                && Commands.word(ask.prompt()).filter(Commands.STOP::equals).isPresent();
        return stops || settings.config().agent().whenBusy() == WhenBusy.INTERRUPT
                ? Optional.of(Reason.INTERRUPTED)
                : Optional.empty();
    }

    private void enqueueLeased(Tx tx, Leased task, Ask ask, Assignment assignment) {
        String runId = turns.add(tx, ask, assignment, Optional.empty());
        turns.fence(tx, runId, task.fence());
        tx.afterCommit(dispatcher::wake);
    }

    @Override
    public boolean abort(String runId) {
        return dispatcher.abort(runId);
    }

    TurnQueue turns() {
        return turns;
    }

    AgentResults results() {
        return results;
    }

    UsageBook usage() {
        return usage;
    }

    Briefing briefing() {
        return briefing;
    }

    Chain chain() {
        return chain;
    }

    Dispatcher dispatcher() {
        return dispatcher;
    }

    @Override
    public int phase() {
        return 30;
    }

    @Override
    public void drain(Duration limit) throws InterruptedException {
        errands.close();
        dispatcher.drain(limit);
    }

    @Deactivate
    void close() {
        errands.close();
        dispatcher.close();
    }
}
