package io.koshi.mcp.internal;

import io.koshi.api.KoshiException;
import io.koshi.codec.Codec;
import io.koshi.codec.Range;
import io.koshi.config.Settings;
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
    private final Guests guests;
    private final Protocol protocol;

    @Activate
    public McpMethods(
            BundleContext context,
            @Reference Registry registry,
            @Reference Codec codec,
            @Reference Settings settings,
            @Reference Guests guests) {
        this.codec = codec;
        this.guests = guests;
        this.protocol = new Protocol(
                registry, codec, settings, guests, context.getBundle().getVersion());
    }

    record Ask(
            @Doc("The session, from the answer to initialize; none for initialize itself.")
            Optional<String> session,

            @Doc("One message of the Model Context Protocol, as JSON text.") @Range(min = 1)
            String message) {}

    record Answer(
            @Doc("The session, where this began one.") Optional<String> session,

            @Doc("The answer as JSON text; none to a notification.")
            Optional<String> answer) {}

    @Rpc(value = "Takes a message of the Model Context Protocol and answers it.", scope = Scope.WRITE)
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
        if (message.notification()) {
            return CompletableFuture.completedFuture(new Answer(Optional.empty(), Optional.empty()));
        }
        if (message.method().equals("initialize")) {
            Guest guest = protocol.begin(caller, message);
            return CompletableFuture.completedFuture(
                    new Answer(Optional.of(guest.id()), Optional.of(text(protocol.welcome(guest, message)))));
        }
        if (params.session().isEmpty()) {
            return said(new Fault(Fault.INVALID_REQUEST, "begin with initialize").answer(message.id()));
        }
        return protocol.answer(guests.of(params.session().get(), caller), caller, message)
                .thenApply(answer -> new Answer(Optional.empty(), Optional.of(text(answer))));
    }

    record Place(@Doc("The session.") String session) {}

    record Notices(
            @Doc("What the session is told, as JSON texts.") List<String> messages) {}

    @Rpc(value = "Waits until a session is told something; one such call at a time.", scope = Scope.WRITE)
    public CompletionStage<Notices> listen(Place params, Caller caller) {
        Guest guest = guests.of(params.session(), caller);
        return guest.next().thenApply(json -> new Notices(List.of(new String(json, StandardCharsets.UTF_8))));
    }

    private CompletionStage<Answer> said(Map<String, Object> answer) {
        return CompletableFuture.completedFuture(new Answer(Optional.empty(), Optional.of(text(answer))));
    }

    private String text(Map<String, Object> message) {
        return new String(codec.json(message), StandardCharsets.UTF_8);
    }
}
