package io.koshi.frame.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.event.Gap;
import io.koshi.frame.Form;
import io.koshi.frame.Guest;
import io.koshi.frame.Line;
import io.koshi.rpc.Caller;
import io.koshi.rpc.Registry;
import io.koshi.rpc.Scope;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One client and what it has going on: its requests, its subscriptions, its methods. As {@link Guest} says. */
final class Conversation implements Guest {
    private static final Logger LOG = LoggerFactory.getLogger("io.koshi.frame");
    private static final long LONGEST_DEADLINE_MS = 3_600_000;
    private static final int GOODBYE = 1000; // RFC 6455, 7.4.1
    private static final int POLICY = 1008;

    private final FrameMachine machine;
    private final Caller caller;
    private final Rights rights;
    private final Answers answers;
    private final String door;
    private final Line line;
    private final Consumer<Guest> stir;
    private final Instant since = Instant.now();
    private final AtomicInteger inFlight = new AtomicInteger();
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile Subscriptions subscriptions; // null while it has none
    private volatile RemoteService service; // null while it is none
    private volatile AutoCloseable watch; // over its credential; null before it begins

    Conversation(FrameMachine machine, Caller caller, String door, Line line, Consumer<Guest> stir) {
        this.machine = machine;
        this.caller = caller;
        this.rights = new Rights(caller);
        this.door = door;
        this.line = line;
        this.answers = new Answers(machine, line);
        this.stir = stir;
    }

    @Override
    public void take(Form form, byte[] bytes) {
        Sending.gather();
        Envelope frame = null;
        try {
            frame = Envelope.of(machine.codec(), form, bytes);
            switch (frame.type()) {
                case "req" -> request(frame);
                case "res" -> answered(frame);
                default -> event(frame);
            }
        } catch (Malformed e) {
            refuse(form, e.id(), new KoshiException(ErrorCode.PARSE_ERROR, e.getMessage()));
        } catch (KoshiException e) {
            refuse(form, frame == null ? Wording.UNKNOWN : frame.id(), e);
        }
    }

    private void request(Envelope frame) {
        String method = frame.method();
        Map<String, Object> params = frame.params();
        switch (method) {
            case "gateway.subscribe" -> subscribe(frame, params);
            case "gateway.unsubscribe" -> unsubscribe(frame, params);
            case "gateway.register" -> register(frame, params);
            case "gateway.disconnect" -> {
                if (params.isEmpty()) {
                    answer(frame, Map.of("disconnected", 1));
                    line.close(GOODBYE, "Goodbye.");
                } else {
                    call(frame, method, params);
                }
            }
            default -> call(frame, method, params);
        }
    }

    private void subscribe(Envelope frame, Map<String, Object> params) {
        GatewayMethods.Subscribe ask = machine.codec().fromData(params, GatewayMethods.Subscribe.class);
        Since place = Since.of(ask.since().orElse(null));
        rights.hear(ask.topics());
        Subscriptions.Begun begun = subscriptions().subscribe(ask.topics(), place, frame.form());
        answer(frame, begun.answer());
        begun.gap()
                .ifPresent(gap -> Sending.send(
                        line, frame.form(), machine.wording().notice(frame.form(), "gateway", Gap.TOPIC, gap)));
        begun.begin().run();
    }

    private void unsubscribe(Envelope frame, Map<String, Object> params) {
        GatewayMethods.Unsubscribe ask = machine.codec().fromData(params, GatewayMethods.Unsubscribe.class);
        Subscriptions now = subscriptions;
        answer(frame, now == null ? Map.of("topics", List.of()) : now.unsubscribe(ask.topics()));
    }

    private void register(Envelope frame, Map<String, Object> params) {
        rights.need("gateway", Scope.WRITE, "gateway.register");
        Registration told = Registration.of(params);
        rights.hear(told.subscriptions());
        RemoteService offered = machine.offer(told, frame.form(), line);
        RemoteService before = service;
        service = offered;
        if (before != null) {
            machine.withdraw(before);
        }
        if (closed.get()) {
            machine.withdraw(offered); // it went in the meantime
            return;
        }
        answer(frame, machine.routes());
        if (!told.subscriptions().isEmpty()) {
            subscriptions()
                    .subscribe(told.subscriptions(), Since.NOW, frame.form())
                    .begin()
                    .run();
        }
    }

    private synchronized Subscriptions subscriptions() {
        if (subscriptions == null) {
            subscriptions = new Subscriptions(
                    machine.events(), machine.encoded(), line, machine.limits().backlog());
        }
        return subscriptions;
    }

    private void answered(Envelope frame) {
        RemoteService now = service;
        if (now == null) {
            throw new Malformed(frame.id(), "Only a service answers; register with gateway.register first.");
        }
        now.answered(frame);
    }

    /** Publishes under the service's name; nobody waits for an answer, so only a failure is told. */
    private void event(Envelope frame) {
        Map<String, Object> params = Map.of("topic", frame.topic(), "payload", frame.payload());
        machine.registry()
                .call(speaker(), "event.publish", params, Registry.DEADLINE)
                .whenComplete((done, failure) -> {
                    if (failure != null) {
                        refuse(frame.form(), Wording.UNKNOWN, Answers.known(failure));
                    }
                });
    }

    private Caller speaker() {
        RemoteService now = service;
        return now == null ? caller : caller.as(now.registration().service());
    }

    private void call(Envelope frame, String method, Map<String, Object> params) {
        Caller who = frame.run().map(caller::inside).orElse(caller);
        if (method.equals("event.publish")) {
            who = speaker();
        }
        Duration deadline = frame.deadlineMs()
                .map(ms -> Duration.ofMillis(Math.max(1, Math.min(LONGEST_DEADLINE_MS, ms))))
                .orElse(Registry.DEADLINE);
        inFlight.incrementAndGet(); // before the call, so that a stop waits for the answer to itself
        CompletableFuture<Object> future =
                machine.registry().call(who, method, params, deadline).toCompletableFuture();
        if (future.isDone()) {
            Sending.send(line, frame.form(), answers.of(frame, future));
            inFlight.decrementAndGet();
            return;
        }
        future.whenComplete((result, failure) -> {
            Sending.send(line, frame.form(), answers.of(frame, future));
            if (inFlight.getAndDecrement() >= machine.limits().inFlight()) {
                stir.accept(this);
            }
        });
    }

    private void answer(Envelope frame, Object payload) {
        Sending.send(line, frame.form(), machine.wording().answer(frame.form(), frame.id(), payload));
    }

    private void refuse(Form form, String id, KoshiException why) {
        Sending.send(line, form, machine.wording().refusal(form, id, why));
    }

    @Override
    public void settle() {
        Sending.settle();
    }

    @Override
    public void drained() {
        Subscriptions now = subscriptions;
        if (now != null) {
            now.resume();
        }
    }

    /** A service's answers are read whatever waits for it: it may be waiting to bring them before it reads on. */
    @Override
    public boolean full() {
        return inFlight.get() >= machine.limits().inFlight()
                || service == null && line.waiting() > machine.limits().backlog();
    }

    @Override
    public boolean idle() {
        return inFlight.get() == 0 && line.waiting() == 0;
    }

    /** Its credential was taken back, or somebody who may wants it gone. */
    void end(String why) {
        line.close(POLICY, why);
    }

    /** Ends with it. */
    void watched(AutoCloseable over) {
        watch = over;
        if (closed.get()) {
            unwatch();
        }
    }

    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        machine.forget(this);
        Subscriptions heard = subscriptions;
        if (heard != null) {
            heard.close();
        }
        RemoteService offered = service;
        if (offered != null) {
            machine.withdraw(offered);
        }
        unwatch();
        machine.registry().closed(caller);
    }

    private void unwatch() {
        AutoCloseable over = watch;
        if (over != null) {
            try {
                over.close();
            } catch (Exception e) {
                LOG.warn("The watch over a token did not end", e);
            }
        }
    }

    Caller caller() {
        return caller;
    }

    RemoteService service() {
        return service;
    }

    /** What is known of it, for people. */
    GatewayMethods.Connected view() {
        Subscriptions heard = subscriptions;
        RemoteService offered = service;
        return new GatewayMethods.Connected(
                caller.connection(),
                door,
                caller.name(),
                since,
                Optional.ofNullable(offered).map(s -> s.registration().service()),
                heard == null ? List.of() : heard.topics(),
                inFlight.get(),
                line.waiting());
    }
}
