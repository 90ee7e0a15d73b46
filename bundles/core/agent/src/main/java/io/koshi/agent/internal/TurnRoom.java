package io.koshi.agent.internal;

import io.koshi.agent.Agent;
import io.koshi.agent.internal.AgentViews.Completed;
import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Pools;
import io.koshi.buffer.Buffer;
import io.koshi.codec.Codec;
import io.koshi.config.Settings;
import io.koshi.event.Events;
import io.koshi.hub.Drain;
import io.koshi.outbox.Outbox;
import io.koshi.session.Sessions;
import io.koshi.store.Store;
import io.koshi.store.Tx;
import io.koshi.task.Tasks;
import io.koshi.tool.Tools;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/** Where turns are asked for, called off and drained; {@link Dispatcher} runs them. Thread-safe. */
@Component(
        name = "io.koshi.agent",
        service = {Agent.class, TurnRoom.class, Drain.class},
        immediate = true)
public final class TurnRoom implements Agent, Drain {
    private final TurnQueue turns;
    private final Tasks tasks;
    private final Settlement settlement;
    private final Dispatcher dispatcher;

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
            @Reference ModelTable models) {
        this(store, codec, settings, events, pools, sessions, outbox, buffer, tasks, tools, models, Pace.USUAL);
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
            ModelTable models,
            Pace pace) {
        this.turns = new TurnQueue(store, codec);
        this.tasks = tasks;
        ToolBench bench = new ToolBench(tools, pools, pace.tool());
        Closing closing = new Closing(turns, sessions, outbox, buffer, tasks, events);
        this.settlement = new Settlement(store, pools, events, turns, closing, new Chain(settings), pace);
        this.dispatcher = new Dispatcher(
                store,
                settings,
                events,
                pools,
                models,
                turns,
                settlement,
                new Briefing(sessions, settings, bench),
                bench,
                pace);
        settlement.recover();
        dispatcher.wake();
    }

    @Override
    public String enqueue(Tx tx, Ask ask) {
        return enqueue(tx, ask, Optional.empty());
    }

    /** As {@link #enqueue(Tx, Ask)}; {@code waiter} is given the run's end, if this hub lives to see it. */
    String enqueue(Tx tx, Ask ask, Optional<CompletableFuture<Completed>> waiter) {
        String runId = turns.add(tx, ask);
        ask.taskId().ifPresent(taskId -> {
            long fence = tasks.lease(tx, taskId, "run:" + runId)
                    .orElseThrow(() ->
                            new KoshiException(ErrorCode.CONFLICT, "task " + taskId + " is not queued: see task.get"));
            turns.fence(tx, runId, fence);
        });
        tx.afterCommit(() -> {
            waiter.ifPresent(done -> settlement.await(runId, done));
            dispatcher.wake();
        });
        return runId;
    }

    @Override
    public boolean abort(String runId) {
        return dispatcher.abort(runId);
    }

    TurnQueue turns() {
        return turns;
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
        dispatcher.drain(limit);
    }

    @Deactivate
    void close() {
        dispatcher.close();
    }
}
