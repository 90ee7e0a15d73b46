package io.koshi.mcp.internal;

import io.koshi.api.KoshiException;
import io.koshi.api.Pools;
import io.koshi.codec.Codec;
import io.koshi.codec.Range;
import io.koshi.config.Settings;
import io.koshi.event.Events;
import io.koshi.rpc.Caller;
import io.koshi.rpc.Doc;
import io.koshi.rpc.Methods;
import io.koshi.rpc.Namespace;
import io.koshi.rpc.Registry;
import io.koshi.rpc.Rpc;
import io.koshi.rpc.Scope;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/** The methods of {@code mcp}, by which {@code koshi mcp} brings a client on standard input and output in. */
@Component(name = "io.koshi.mcp.methods", service = Methods.class, configurationPolicy = ConfigurationPolicy.IGNORE)
@Namespace("mcp")
public final class McpMethods implements Methods {
    private final Codec codec;
    private final Pools pools;
    private final Guests guests;
    private final Protocol protocol;

    @Activate
    public McpMethods(
            BundleContext context,
            @Reference Registry registry,
            @Reference Codec codec,
            @Reference Settings settings,
            @Reference Events events,
            @Reference Pools pools,
            @Reference Guests guests) {
        this.codec = codec;
        this.pools = pools;
        this.guests = guests;
        this.protocol = new Protocol(
                registry,
                codec,
                settings,
                events,
                pools,
                guests,
                context.getBundle().getVersion());
    }

    record Ask(
            @Doc("The session, from the answer to initialize; none for initialize itself.")
            Optional<String> session,

            @Doc("One message of the Model Context Protocol, as JSON text.") @Range(min = 1)
            String message) {}

    record Answer(
            @Doc("The session, where this began one.") Optional<String> session,

            @Doc("The answer as JSON text; none to a notification, and to a request that was called off.")
            Optional<String> answer,

            @Doc("Listen with this for what is said to the request; its answer comes there, the last.")
            Optional<String> about) {
        static final Answer NONE = new Answer(Optional.empty(), Optional.empty(), Optional.empty());
    }

    @Rpc(
            value = "Takes a message of the Model Context Protocol and answers it.",
            scope = Scope.WRITE,
            quick = true) // in the order they come: what calls off a request is not to be here before it
    public CompletionStage<Answer> exchange(Ask params, Caller caller) {
        Object data;
        Incoming message;
        try {
            data = codec.parseJson(params.message().getBytes(StandardCharsets.UTF_8));
        } catch (KoshiException e) {
            return said(new Fault(Fault.PARSE, e.getMessage()).answer(null));
        }
        try {
            message = Incoming.of(data);
        } catch (Fault e) {
            return said(e.answer(Incoming.idOf(data)));
        }
        if ("initialize".equals(message.method()) && !message.notification()) {
            Guest guest = protocol.begin(caller, message);
            return CompletableFuture.completedFuture(new Answer(
                    Optional.of(guest.id()),
                    Optional.of(text(codec.json(protocol.welcome(guest, message)))),
                    Optional.empty()));
        }
        Guest guest;
        try {
            guest = guest(params.session(), caller);
        } catch (KoshiException | Fault e) {
            return message.notification() ? nothing() : said(Protocol.fault(e).answer(message.id()));
        }
        if (message.notification()) {
            protocol.note(guest, message);
            return nothing();
        }
        return message.method().equals("tools/call")
                ? call(guest, caller, message)
                : CompletableFuture.supplyAsync(() -> protocol.answer(guest, caller, message, false), pools.work())
                        .thenCompose(Exchange::done)
                        .thenApply(this::answer);
    }

    /** Begins it here and now, which takes no time. */
    private CompletionStage<Answer> call(Guest guest, Caller caller, Incoming message) {
        Exchange exchange = protocol.answer(guest, caller, message, true);
        if (exchange.done().isDone() || message.progressToken().isEmpty()) {
            return exchange.done().thenApply(this::answer);
        }
        guest.hold(exchange);
        return CompletableFuture.completedFuture(
                new Answer(Optional.empty(), Optional.empty(), Optional.of(exchange.ticket())));
    }

    private Guest guest(Optional<String> session, Caller caller) {
        return guests.of(session.orElseThrow(() -> new Fault(Fault.INVALID_REQUEST, "begin with initialize")), caller);
    }

    record Place(
            @Doc("The session.") String session,

            @Doc("Only what is said to the request that goes by this name.")
            Optional<String> about) {}

    record Notices(
            @Doc("What is said, as JSON texts.") List<String> messages,

            @Doc("Whether that was the last that is said to the request.")
            boolean over) {}

    @Rpc(
            value = "Waits until a session is told something, or what is said to one of its requests.",
            scope = Scope.WRITE)
    public CompletionStage<Notices> listen(Place params, Caller caller) {
        Guest guest = guests.of(params.session(), caller);
        if (params.about().isEmpty()) {
            return guest.next().thenApply(json -> new Notices(List.of(text(json)), false));
        }
        Exchange exchange = guest.exchange(params.about().get())
                .orElseThrow(() -> KoshiException.notFound("nothing is said to that request any more"));
        return exchange.next().thenApply(said -> {
            if (said.last()) {
                guest.forget(exchange);
            }
            return new Notices(said.json().length == 0 ? List.of() : List.of(text(said.json())), said.last());
        });
    }

    private static CompletionStage<Answer> nothing() {
        return CompletableFuture.completedFuture(Answer.NONE);
    }

    private CompletionStage<Answer> said(Map<String, Object> answer) {
        return CompletableFuture.completedFuture(answer(Optional.of(codec.json(answer))));
    }

    private Answer answer(Optional<byte[]> json) {
        return json.map(bytes -> new Answer(Optional.empty(), Optional.of(text(bytes)), Optional.empty()))
                .orElse(Answer.NONE);
    }

    private static String text(byte[] json) {
        return new String(json, StandardCharsets.UTF_8);
    }
}
