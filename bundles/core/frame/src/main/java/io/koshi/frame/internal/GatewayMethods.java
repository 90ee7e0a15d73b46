package io.koshi.frame.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Problem;
import io.koshi.codec.Default;
import io.koshi.rpc.Doc;
import io.koshi.rpc.MethodInfo;
import io.koshi.rpc.Methods;
import io.koshi.rpc.Namespace;
import io.koshi.rpc.Registry;
import io.koshi.rpc.Rpc;
import io.koshi.rpc.Scope;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/**
 * What can be asked of the gateway. Those that are about the asking connection itself are answered by it, and are
 * listed here for who reads the contract. Thread-safe.
 */
@Component(name = "io.koshi.frame.methods", service = Methods.class, configurationPolicy = ConfigurationPolicy.IGNORE)
@Namespace("gateway")
public final class GatewayMethods implements Methods {
    private final FrameMachine machine;
    private final Registry registry;
    private final Instant since = Instant.now();

    /** What a connection wants to hear. */
    public record Subscribe(
            @Doc("Patterns, for example [\"run.*\"]: * at the end stands for any rest, as a segment for one.")
            List<String> topics,

            @Doc("The last event seen, as {epoch, seq} or a number: what came after it is brought first.")
            Optional<Object> since) {
        public Subscribe {
            if (topics.isEmpty()) {
                throw KoshiException.invalid("/topics", "name at least one topic, for example [\"run.*\"]");
            }
        }
    }

    /** Where a subscription began. */
    public record Subscribed(
            @Doc("This start of the hub; numbers of another mean nothing.")
            String epoch,

            @Doc("The newest event then.") long seq,

            @Doc("How many events are brought that came before.")
            long replayed) {}

    /** What a connection no longer wants to hear. */
    public record Unsubscribe(
            @Default("[]") @Doc("As they were subscribed to; all where none is named.")
            List<String> topics) {}

    /** What is left. */
    public record Unsubscribed(
            @Doc("What the connection still hears.") List<String> topics) {}

    /** What a service says of itself. */
    public record Register(
            @Doc("Its name: the source of its events.") String service,

            @Default("\"\"") @Doc("Its version, for people.")
            String version,

            @Default("[]") @Doc("Its methods: names, or {name, summary, params, result, scope}.")
            List<Object> methods,

            @Default("[]") @Doc("Topics it publishes, for others to see.")
            List<String> events,

            @Default("[]") @Doc("Topics it wants to hear from now on.")
            List<String> subscriptions) {}

    /** Who answers what. */
    public record Routes(
            @Doc("Services that are connected.") List<String> services,
            @Doc("Every method there is.") List<String> methods,
            @Doc("What services say that they publish.") List<String> events) {}

    /** Names of methods. */
    public record Names(
            @Doc("Every method there is, by name.") List<String> methods) {}

    /** A service. */
    public record Service(
            @Doc("Its name.") String service,
            @Doc("Its version.") String version,
            @Doc("Its methods.") List<String> methods,
            @Doc("Topics it publishes.") List<String> events,
            @Doc("When it registered.") Instant since,
            @Doc("Calls it has not answered.") int pending) {}

    /** A connection. */
    public record Connected(
            @Doc("Unique in this start of the hub.") String connection,
            @Doc("The door it came through.") String door,
            @Doc("Who it is.") String caller,
            @Doc("When it came.") Instant since,
            @Doc("The service it is.") Optional<String> service,
            @Doc("What it hears.") List<String> topics,
            @Doc("Requests under way.") int requests,
            @Doc("Bytes that wait for it to read.") long waitingBytes) {}

    /** Everybody there is. */
    public record Inspection(
            @Doc("Services, by name.") List<Service> services,
            @Doc("Connections, oldest first.") List<Connected> connections) {}

    /** In numbers. */
    public record Stats(
            @Doc("How long the gateway has been there.") Duration uptimeMs,
            @Doc("Services.") int services,
            @Doc("Connections.") int connections,
            @Doc("Calls that services have not answered.") int pendingRequests,
            @Doc("This start of the hub.") String epoch,
            @Doc("The newest event.") long seq) {}

    /** Whom to part with. */
    public record Disconnect(
            @Doc("A connection, as gateway.inspect tells it; your own where nothing is named.")
            Optional<String> connection,

            @Doc("A service: all of its connections.") Optional<String> service) {}

    /** Who went. */
    public record Disconnected(
            @Doc("How many connections were ended.") int disconnected) {}

    @Activate
    public GatewayMethods(@Reference FrameMachine machine, @Reference Registry registry) {
        this.machine = machine;
        this.registry = registry;
    }

    @Rpc(value = "Lists the names of all methods.", scope = Scope.READ)
    public Names methods() {
        return new Names(registry.methods().stream().map(MethodInfo::name).toList());
    }

    @Rpc(value = "Tells who is connected and which services there are.", scope = Scope.READ)
    public Inspection inspect() {
        return new Inspection(
                machine.services().stream()
                        .map(GatewayMethods::view)
                        .sorted(Comparator.comparing(Service::service))
                        .toList(),
                machine.guests().stream()
                        .map(Conversation::view)
                        .sorted(Comparator.comparing(Connected::since))
                        .toList());
    }

    private static Service view(RemoteService service) {
        Registration told = service.registration();
        return new Service(
                told.service(),
                told.version(),
                told.methods().stream().map(MethodInfo::name).toList(),
                told.events(),
                service.since(),
                service.pending());
    }

    @Rpc(value = "Tells the gateway's figures.", scope = Scope.READ)
    public Stats stats() {
        return new Stats(
                Duration.between(since, Instant.now()),
                machine.services().size(),
                machine.guests().size(),
                machine.services().stream().mapToInt(RemoteService::pending).sum(),
                machine.events().epoch(),
                machine.events().seq());
    }

    @Rpc(value = "Ends a connection, or every connection of a service.", scope = Scope.ADMIN)
    public Disconnected disconnect(Disconnect ask) {
        if (ask.connection().isEmpty() && ask.service().isEmpty()) {
            throw connectionOnly("gateway.disconnect");
        }
        List<Conversation> meant = machine.guests().stream()
                .filter(guest -> ask.connection()
                                .equals(Optional.of(guest.caller().connection()))
                        || guest.service() != null
                                && ask.service()
                                        .equals(Optional.of(
                                                guest.service().registration().service())))
                .toList();
        if (meant.isEmpty()) {
            throw KoshiException.notFound("There is no such connection; gateway.inspect lists them.");
        }
        meant.forEach(guest -> guest.end("You were disconnected."));
        return new Disconnected(meant.size());
    }

    @Rpc(value = "Hears events on this connection from now on, or from a place before.", scope = Scope.READ)
    public Subscribed subscribe(Subscribe ask) {
        throw connectionOnly("gateway.subscribe");
    }

    @Rpc(value = "Hears fewer events on this connection.", scope = Scope.READ)
    public Unsubscribed unsubscribe(Unsubscribe ask) {
        throw connectionOnly("gateway.unsubscribe");
    }

    @Rpc(value = "Offers the methods of a service while this connection lasts.", scope = Scope.WRITE)
    public Routes register(Register ask) {
        throw connectionOnly("gateway.register");
    }

    private static KoshiException connectionOnly(String method) {
        return new KoshiException(
                ErrorCode.INVALID_PARAMS,
                method + " is about a connection that stays: ask on /gateway or on the Unix socket",
                List.of(new Problem("", "needs a connection that stays")));
    }
}
