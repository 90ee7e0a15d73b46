package io.koshi.agent.internal;

import io.koshi.agent.internal.AgentViews.Completed;
import io.koshi.agent.internal.AgentViews.Failure;
import io.koshi.agent.internal.Assignment.Kind;
import io.koshi.api.Address;
import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Part;
import io.koshi.api.Trust;
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
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Ends a turn in one commit: transcript, reply, task, result, messages, usage and the turn itself; events follow.
 * Thread-safe.
 */
final class Closing {
    private static final Address MAIN = Address.of("console", "main");
    private static final int MAX_LINE = 2000;
    private static final int ASKED = 80;
    private static final int ANSWERED = 140;

    private final TurnQueue turns;
    private final Sessions sessions;
    private final Outbox outbox;
    private final Buffer buffer;
    private final Tasks tasks;
    private final Events events;
    private final AgentResults results;
    private final Reporting reporting;

    Closing(
            TurnQueue turns,
            Sessions sessions,
            Outbox outbox,
            Buffer buffer,
            Tasks tasks,
            Events events,
            AgentResults results) {
        this.turns = turns;
        this.sessions = sessions;
        this.outbox = outbox;
        this.buffer = buffer;
        this.tasks = tasks;
        this.events = events;
        this.results = results;
        this.reporting = new Reporting(turns, results);
    }

    /** What is told of a run that ends now. */
    static Completed completed(Turn turn, Ending ending, Optional<Double> cost, Optional<String> joined) {
        return new Completed(
                turn.sessionKey(),
                turn.runId(),
                ending.response(),
                ending.status() == Ending.Status.DONE,
                ending.status(),
                ending.error().map(Failure::of),
                ending.usage(),
                cost,
                joined,
                Math.max(0, Duration.between(turn.queuedAt(), Instant.now()).toMillis()));
    }

    /** What ended: the turn and those in its exchange; empty, with nothing changed, when it has ended already. */
    List<Completed> commit(Tx tx, StoredTurn stored, Ending ending) {
        if (!turns.end(tx, stored, ending)) {
            return List.of();
        }
        Turn turn = stored.turn();
        boolean done = ending.status() == Ending.Status.DONE;
        List<StoredTurn> joined = done ? turns.joining().joined(tx, stored) : List.of();
        List<Completed> completed = new ArrayList<>();
        joined.forEach(one -> completed.add(endJoined(tx, one, stored, ending)));
        completed.add(completed(turn, ending, UsageBook.cost(tx, turn.runId()), Optional.empty()));
        // before the reply is handed on: who waits for it knows by then that it is the answer, or why there is none
        tx.afterCommit(() -> tell(turn, ending, completed));
        switch (ending.status()) {
            case DONE -> done(tx, stored, ending, joined);
            case FAILED -> failed(tx, stored, ending.error().orElseThrow(), ending);
            case CANCELLED -> cancelled(tx, stored, ending);
        }
        Joining.part(tx, stored);
        if (stored.assignment().isWorker()) {
            reporting.report(tx, stored, ending);
        }
        return completed;
    }

    private void tell(Turn turn, Ending ending, List<Completed> completed) {
        if (ending.status() == Ending.Status.FAILED) {
            tellFailed(turn, Failure.of(ending.error().orElseThrow()));
        }
        completed.forEach(end -> events.publish("agent", "run.completed", end));
    }

    private Completed endJoined(Tx tx, StoredTurn joined, StoredTurn host, Ending ending) {
        Ending with = new Ending(
                ending.status(),
                ending.response(),
                Optional.empty(),
                joined.used(),
                List.of(),
                List.of(),
                Optional.empty());
        turns.end(tx, joined, with);
        return completed(
                joined.turn(), with, Optional.empty(), Optional.of(host.turn().runId()));
    }

    private void done(Tx tx, StoredTurn stored, Ending ending, List<StoredTurn> joined) {
        Turn turn = stored.turn();
        if (ending.effect().isPresent()) {
            ending.effect().get().apply(tx);
        } else {
            transcript(tx, stored, joined, ending, Role.ASSISTANT, ending.response());
            results.read(tx, ending.read(), turn.runId());
            if (stored.assignment().kind() == Kind.MAIN && !turn.prompt().startsWith("/")) { // a command is no story
                sessions.narrate(tx, turn.sessionKey(), sentence(turn.prompt(), ending.response()));
            }
        }
        say(tx, turn, joined, ending.response());
        buffer.doneIds(tx, turn.messageIds());
        joined.forEach(one -> buffer.doneIds(tx, one.turn().messageIds()));
        stored.fence().ifPresent(fence -> tasks.done(tx, turn.taskId().orElseThrow(), fence, ending.response()));
    }

    private static String sentence(String asked, String answered) {
        return "Asked: " + Words.oneLine(asked, ASKED) + " Answered: " + Words.oneLine(answered, ANSWERED);
    }

    private void failed(Tx tx, StoredTurn stored, KoshiException error, Ending ending) {
        Turn turn = stored.turn();
        String sorry = Apology.of(error);
        String told = ending.response().isBlank() ? sorry : ending.response() + "\n\n" + sorry;
        transcript(tx, stored, List.of(), ending, Role.ASSISTANT, told);
        results.read(tx, ending.read(), turn.runId());
        say(tx, turn, List.of(), sorry);
        buffer.doneIds(tx, turn.messageIds());
        endTask(tx, stored, error.code(), error.getMessage());
        boolean nobodyIsTold =
                turn.replyTo().isEmpty() && stored.assignment().employer().isEmpty();
        if (nobodyIsTold && turn.taskId().isPresent()) {
            tellMain(tx, turn, error);
        }
    }

    private void cancelled(Tx tx, StoredTurn stored, Ending ending) {
        Turn turn = stored.turn();
        String why = ending.error().map(Throwable::getMessage).orElse("cancelled");
        if (ending.response().isBlank()) {
            transcript(tx, stored, List.of(), ending, Role.SYSTEM, why);
        } else {
            transcript(tx, stored, List.of(), ending, Role.ASSISTANT, ending.response());
            sessions.append(tx, turn.sessionKey(), Role.SYSTEM, why, List.of(), Optional.of(turn.runId()));
        }
        buffer.doneIds(tx, turn.messageIds());
        endTask(tx, stored, ErrorCode.CONFLICT, "the run was cancelled");
    }

    private void transcript(Tx tx, StoredTurn stored, List<StoredTurn> joined, Ending ending, Role role, String said) {
        Turn turn = stored.turn();
        Optional<String> runId = Optional.of(turn.runId());
        Role asker = stored.assignment().kind() == Kind.REPORT ? Role.SYSTEM : Role.USER;
        sessions.append(tx, turn.sessionKey(), asker, turn.prompt(), turn.parts(), runId, turn.trust());
        Trust read = ending.read().isEmpty() ? turn.trust() : Trust.LOW;
        for (StoredTurn one : joined) {
            sessions.append(
                    tx,
                    turn.sessionKey(),
                    Role.USER,
                    one.turn().prompt(),
                    one.turn().parts(),
                    runId,
                    one.turn().trust());
            read = lesser(read, one.turn().trust());
        }
        for (ToolRun call : ending.calls()) {
            String line = call.name() + (call.ok() ? ": " : " failed: ") + call.output();
            sessions.append(
                    tx, turn.sessionKey(), Role.TOOL, Words.cut(line, MAX_LINE), List.of(), runId, call.trust());
            read = lesser(read, call.trust());
        }
        // what a model says is worth no more than the least trusted of all that it has read
        sessions.append(tx, turn.sessionKey(), role, said, List.of(), runId, role == Role.SYSTEM ? Trust.HIGH : read);
    }

    private static Trust lesser(Trust one, Trust other) {
        return one.compareTo(other) >= 0 ? one : other;
    }

    /** Answers in the conversation, and in each other one that a message in the exchange came from. */
    private void say(Tx tx, Turn turn, List<StoredTurn> joined, String text) {
        List<Turn> all = new ArrayList<>(List.of(turn));
        joined.forEach(one -> all.add(one.turn()));
        Set<Address> places = new LinkedHashSet<>();
        all.forEach(one -> one.replyTo().ifPresent(places::add));
        for (Address to : places) {
            Optional<String> inReplyTo = all.stream()
                    .filter(one -> one.replyTo().filter(to::equals).isPresent())
                    .flatMap(one -> one.messageIds().stream())
                    .reduce((first, second) -> second);
            outbox.enqueue(tx, to, List.of(Part.text(text)), inReplyTo, Optional.of(turn.runId()));
        }
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
}
