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
import io.koshi.model.ToolCall;
import io.koshi.model.Usage;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One attempt at a turn, from its first event to what came of it. Confined to its thread. */
final class Attempt implements Exchange.Listener {
    private static final Logger LOG = LoggerFactory.getLogger(Attempt.class);
    private static final int SHOWN = 2000;

    private final Running running;
    private final Turn turn;
    private final Events events;
    private final Exchange exchange;
    private long index;

    Attempt(Running running, Model model, ToolBench bench, Events events) {
        this.running = running;
        this.turn = running.turn().turn();
        this.events = events;
        this.exchange = new Exchange(model, bench, this);
    }

    /** Either the result or what went wrong; an interrupt gives neither. */
    record Outcome(
            Optional<Exchange.Result> result, Optional<KoshiException> failure, Usage usage, List<ToolRun> calls) {}

    Outcome make(Briefing briefing) {
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
                        turn.taskId()));
        try {
            Exchange.Result result = exchange.run(briefing.request(turn));
            return outcome(Optional.of(result), Optional.empty());
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
        } catch (RuntimeException | LinkageError | StackOverflowError e) {
            LOG.warn("model {} broke in run {}", running.model(), turn.runId(), e);
            return outcome(
                    Optional.empty(),
                    Optional.of(new KoshiException(
                            ErrorCode.METHOD_ERROR, "the model " + running.model() + " broke: see the log", e)));
        }
    }

    private Outcome outcome(Optional<Exchange.Result> result, Optional<KoshiException> failure) {
        return new Outcome(result, failure, exchange.usage(), exchange.runs());
    }

    @Override
    public void delta(String text) {
        if (!running.settled()) {
            events.publish("agent", "run.delta", new Delta(turn.sessionKey(), turn.runId(), index++, text));
        }
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
        step(new ToolStep(
                turn.sessionKey(),
                turn.runId(),
                run.callId(),
                run.name(),
                Phase.END,
                Optional.empty(),
                Optional.of(run.ok()),
                Optional.of(
                        run.output().length() <= SHOWN
                                ? run.output()
                                : run.output().substring(0, SHOWN)),
                Optional.of(run.took().toMillis())));
    }

    private void step(ToolStep step) {
        if (!running.settled()) {
            events.publish("agent", "run.tool", step);
        }
    }
}
