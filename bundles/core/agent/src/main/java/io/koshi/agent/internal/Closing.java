package io.koshi.agent.internal;

import io.koshi.agent.internal.AgentViews.Completed;
import io.koshi.agent.internal.AgentViews.Failure;
import io.koshi.api.Address;
import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Part;
import io.koshi.api.Turn;
import io.koshi.buffer.Buffer;
import io.koshi.event.Events;
import io.koshi.outbox.Outbox;
import io.koshi.session.Sessions;
import io.koshi.session.Sessions.Role;
import io.koshi.store.Tx;
import io.koshi.task.Tasks;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Ends a turn in one commit: transcript, reply, task, messages and the turn itself; events follow. Thread-safe. */
final class Closing {
    private static final Address MAIN = Address.of("console", "main");
    private static final int MAX_LINE = 2000;

    private final TurnQueue turns;
    private final Sessions sessions;
    private final Outbox outbox;
    private final Buffer buffer;
    private final Tasks tasks;
    private final Events events;

    Closing(TurnQueue turns, Sessions sessions, Outbox outbox, Buffer buffer, Tasks tasks, Events events) {
        this.turns = turns;
        this.sessions = sessions;
        this.outbox = outbox;
        this.buffer = buffer;
        this.tasks = tasks;
        this.events = events;
    }

    /** What is told of a run that ends now. */
    static Completed completed(Turn turn, Ending ending) {
        return new Completed(
                turn.sessionKey(),
                turn.runId(),
                ending.response(),
                ending.status() == Ending.Status.DONE,
                ending.status(),
                ending.error().map(Failure::of),
                ending.usage(),
                Math.max(0, Duration.between(turn.queuedAt(), Instant.now()).toMillis()));
    }

    /** False, with nothing changed, when the turn has ended already. */
    boolean commit(Tx tx, StoredTurn stored, Ending ending) {
        if (!turns.end(tx, stored, ending)) {
            return false;
        }
        Turn turn = stored.turn();
        switch (ending.status()) {
            case DONE -> done(tx, stored, ending);
            case FAILED -> failed(tx, stored, ending.error().orElseThrow(), ending);
            case CANCELLED -> {
                transcript(tx, turn, ending.calls(), Role.SYSTEM, "cancelled");
                buffer.doneIds(tx, turn.messageIds());
                endTask(tx, stored, ErrorCode.CONFLICT, "the run was cancelled");
            }
        }
        Completed completed = completed(turn, ending);
        tx.afterCommit(() -> events.publish("agent", "run.completed", completed));
        return true;
    }

    private void done(Tx tx, StoredTurn stored, Ending ending) {
        Turn turn = stored.turn();
        transcript(tx, turn, ending.calls(), Role.ASSISTANT, ending.response());
        say(tx, turn, ending.response());
        buffer.doneIds(tx, turn.messageIds());
        stored.fence().ifPresent(fence -> tasks.done(tx, turn.taskId().orElseThrow(), fence, ending.response()));
    }

    private void failed(Tx tx, StoredTurn stored, KoshiException error, Ending ending) {
        Turn turn = stored.turn();
        String sorry = Apology.of(error);
        transcript(tx, turn, ending.calls(), Role.ASSISTANT, sorry);
        say(tx, turn, sorry);
        buffer.doneIds(tx, turn.messageIds());
        endTask(tx, stored, error.code(), error.getMessage());
        if (turn.replyTo().isEmpty() && turn.taskId().isPresent()) {
            tellMain(tx, turn, error);
        }
        tx.afterCommit(() -> tellFailed(turn, Failure.of(error)));
    }

    private void transcript(Tx tx, Turn turn, List<ToolRun> calls, Role role, String said) {
        Optional<String> runId = Optional.of(turn.runId());
        sessions.append(tx, turn.sessionKey(), Role.USER, turn.prompt(), turn.parts(), runId);
        for (ToolRun call : calls) {
            String line = call.name() + (call.ok() ? ": " : " failed: ") + call.output();
            sessions.append(tx, turn.sessionKey(), Role.TOOL, cut(line), List.of(), runId);
        }
        sessions.append(tx, turn.sessionKey(), role, said, List.of(), runId);
    }

    private void say(Tx tx, Turn turn, String text) {
        List<String> ids = turn.messageIds();
        Optional<String> inReplyTo = ids.isEmpty() ? Optional.empty() : Optional.of(ids.get(ids.size() - 1));
        turn.replyTo()
                .ifPresent(
                        to -> outbox.enqueue(tx, to, List.of(Part.text(text)), inReplyTo, Optional.of(turn.runId())));
    }

    /** A run that nobody waits for is silent when it went well; when it did not, the owner is told. */
    private void tellMain(Tx tx, Turn turn, KoshiException error) {
        String text = "Task " + turn.taskId().orElseThrow() + " failed: " + Apology.reason(error)
                + ". See koshi task show, or retry it.";
        String key = sessions.open(tx, MAIN, MAIN.conversation());
        sessions.append(tx, key, Role.SYSTEM, text, List.of(), Optional.of(turn.runId()));
        outbox.enqueue(tx, MAIN, List.of(Part.text(text)), Optional.empty(), Optional.of(turn.runId()));
    }

    private void endTask(Tx tx, StoredTurn stored, ErrorCode code, String why) {
        stored.fence()
                .ifPresent(fence -> tasks.failed(tx, stored.turn().taskId().orElseThrow(), fence, code, why));
    }

    private void tellFailed(Turn turn, Failure failure) {
        events.publish(
                "agent",
                "run.failed",
                new AgentViews.Failed(turn.sessionKey(), turn.runId(), turn.attempt(), failure, false));
        for (String id : turn.messageIds()) {
            Map<String, Object> payload = new LinkedHashMap<>();
            payload.put("id", id);
            // a spawned run answers nobody, but somebody's message made it
            turn.replyTo()
                    .or(() -> buffer.find(id).map(entry -> entry.message().from()))
                    .ifPresent(from -> {
                        payload.put("channel", from.channel());
                        payload.put("conversation", from.conversation());
                    });
            payload.put("stage", "run");
            payload.put("error", Map.of("code", failure.code(), "message", failure.message()));
            payload.put("attempt", (long) turn.attempt());
            payload.put("final", true);
            events.publish("agent", "message.failed", payload);
        }
    }

    private static String cut(String line) {
        return line.length() <= MAX_LINE ? line : line.substring(0, MAX_LINE);
    }
}
