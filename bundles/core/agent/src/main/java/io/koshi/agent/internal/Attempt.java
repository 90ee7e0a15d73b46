package io.koshi.agent.internal;

import io.koshi.agent.internal.AgentViews.Delta;
import io.koshi.agent.internal.AgentViews.Phase;
import io.koshi.agent.internal.AgentViews.Started;
import io.koshi.agent.internal.AgentViews.ToolStep;
import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Turn;
import io.koshi.event.Events;
import io.koshi.model.Model;
import io.koshi.model.ModelMessage;
import io.koshi.model.ToolCall;
import io.koshi.model.Usage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One attempt at a turn, from its first event to what came of it. Confined to its thread, but for {@link #soFar}. */
final class Attempt implements Exchange.Listener {
    private static final Logger LOG = LoggerFactory.getLogger(Attempt.class);
    private static final int SHOWN = 2000;

    private final Running running;
    private final Turn turn;
    private final Events events;
    private final Workshop workshop;
    private final Metered model;
    private final Exchange exchange;
    private final Queue<String> called = new ConcurrentLinkedQueue<>();
    private List<Long> read = List.of();
    private long index;

    Attempt(Running running, Model model, Workshop workshop, Events events) {
        this.running = running;
        this.turn = running.turn().turn();
        this.events = events;
        this.workshop = workshop;
        this.model = new Metered(model, running.model(), running.turn(), workshop.usage());
        this.exchange = new Exchange(this.model, workshop.round(this), this);
        running.comesTo(this::soFar);
    }

    /**
     * Either the result or what went wrong; an interrupt gives neither.
     *
     * @param said what the model has said, whole or not
     * @param read numbers of the results it was told
     * @param effect what a command does at the end
     */
    record Outcome(
            Optional<Exchange.Result> result,
            Optional<KoshiException> failure,
            String said,
            Usage usage,
            List<ToolRun> calls,
            List<Long> read,
            Optional<Command.Effect> effect) {
        static Outcome nothing() {
            return failed(Optional.empty());
        }

        static Outcome failed(Optional<KoshiException> why) {
            return new Outcome(Optional.empty(), why, "", Usage.NONE, List.of(), List.of(), Optional.empty());
        }
    }

    Outcome make() {
        events.publish(
                "agent",
                "run.started",
                new Started(
                        turn.sessionKey(),
                        turn.runId(),
                        turn.messageIds(),
                        running.model(),
                        turn.attempt(),
                        running.turn().parentRunId(),
                        turn.taskId(),
                        running.turn().assignment().skill()));
        try {
            Optional<Command> command = workshop.commands().answer(running.turn(), model);
            return command.isPresent() ? obey(command.get()) : think();
        } catch (InterruptedException e) {
            return outcome(Optional.empty(), Optional.empty());
        } catch (KoshiException e) {
            LOG.info(
                    "run {} attempt {} with {}: {} {}",
                    turn.runId(),
                    turn.attempt(),
                    running.model(),
                    e.code(),
                    e.getMessage());
            return outcome(Optional.empty(), Optional.of(e));
        } catch (RuntimeException | Error e) { // a plugin's error is not the hub's
            LOG.warn("model {} broke in run {}", running.model(), turn.runId(), e);
            return outcome(
                    Optional.empty(),
                    Optional.of(new KoshiException(
                            ErrorCode.METHOD_ERROR, "the model " + running.model() + " broke: see the log", e)));
        }
    }

    private Outcome think() throws InterruptedException {
        workshop.compaction().ifFull(running.turn(), model, workshop.briefing().past(turn.sessionKey()));
        Brief brief = workshop.briefing().begin(running.turn());
        read = brief.results();
        Exchange.Result result = exchange.run(brief.request(), brief.run());
        workshop.briefing()
                .answered(running.turn())
                .ifPresent(made -> workshop.writer().write(made, model));
        return outcome(Optional.of(result), Optional.empty());
    }

    private Outcome obey(Command command) {
        delta(command.answer());
        Exchange.Result result = new Exchange.Result(command.answer(), List.of(), turn.trust());
        return new Outcome(
                Optional.of(result),
                Optional.empty(),
                command.answer(),
                model.used(),
                List.of(),
                List.of(),
                Optional.of(command.effect()));
    }

    private Outcome soFar() {
        return new Outcome(
                Optional.empty(),
                Optional.empty(),
                exchange.said(),
                model.used(),
                List.of(),
                List.of(),
                Optional.empty());
    }

    private Outcome outcome(Optional<Exchange.Result> result, Optional<KoshiException> failure) {
        return new Outcome(result, failure, exchange.said(), model.used(), exchange.runs(), read, Optional.empty());
    }

    @Override
    public void delta(String text) {
        if (!running.settled()) {
            List<String> tools = called.isEmpty() ? List.of() : calledSince();
            events.publish(
                    "agent",
                    "run.delta",
                    new Delta(
                            turn.sessionKey(),
                            turn.runId(),
                            index++,
                            text,
                            tools.isEmpty() ? Optional.empty() : Optional.of(tools),
                            tools.isEmpty()
                                    ? Optional.empty()
                                    : workshop.usage().price(running.model(), model.used())));
        }
    }

    private List<String> calledSince() {
        List<String> names = new ArrayList<>();
        for (String name = called.poll(); name != null; name = called.poll()) {
            names.add(name);
        }
        return names;
    }

    @Override
    public List<ModelMessage> arrived() {
        return workshop.arrivals().of(running.turn());
    }

    @Override
    public void toolStarts(ToolCall call) {
        step(new ToolStep(
                turn.sessionKey(),
                turn.runId(),
                call.callId(),
                call.name(),
                Phase.START,
                Optional.of(call.arguments()),
                Optional.empty(),
                Optional.empty(),
                Optional.empty()));
    }

    @Override
    public void toolEnded(ToolRun run) {
        called.add(run.name());
        step(new ToolStep(
                turn.sessionKey(),
                turn.runId(),
                run.callId(),
                run.name(),
                Phase.END,
                Optional.empty(),
                Optional.of(run.ok()),
                Optional.of(Words.cut(run.output(), SHOWN)),
                Optional.of(run.took().toMillis())));
    }

    private void step(ToolStep step) {
        if (!running.settled()) {
            events.publish("agent", "run.tool", step);
        }
    }
}
