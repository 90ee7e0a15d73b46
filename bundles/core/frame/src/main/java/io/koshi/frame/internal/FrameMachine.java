package io.koshi.frame.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Ulid;
import io.koshi.auth.Auth;
import io.koshi.codec.Codec;
import io.koshi.config.Settings;
import io.koshi.event.Events;
import io.koshi.frame.Form;
import io.koshi.frame.Frames;
import io.koshi.frame.Guest;
import io.koshi.frame.Line;
import io.koshi.rpc.Caller;
import io.koshi.rpc.Method;
import io.koshi.rpc.MethodInfo;
import io.koshi.rpc.Registry;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/** Who is connected, through whichever door, and the services among them. Thread-safe. */
@Component(
        name = "io.koshi.frame",
        service = {Frames.class, FrameMachine.class},
        configurationPolicy = ConfigurationPolicy.IGNORE)
public final class FrameMachine implements Frames {
    private static final String SOURCE = "gateway";

    private final Registry registry;
    private final Events events;
    private final Codec codec;
    private final Auth auth;
    private final Settings settings;
    private final Limits limits;
    private final Function<Method, Runnable> offering;
    private final Wording wording;
    private final EncodedEvents encoded;
    private final Set<Conversation> guests = ConcurrentHashMap.newKeySet();
    private final Set<RemoteService> services = ConcurrentHashMap.newKeySet();
    private final Set<MethodInfo> offered =
            Collections.synchronizedSet(Collections.newSetFromMap(new IdentityHashMap<>()));

    @Activate
    public FrameMachine(
            BundleContext context,
            @Reference Registry registry,
            @Reference Events events,
            @Reference Codec codec,
            @Reference Auth auth,
            @Reference Settings settings) {
        this(registry, events, codec, auth, settings, Limits.USUAL, method -> {
            ServiceRegistration<Method> one = context.registerService(Method.class, method, null);
            return () -> withdraw(one);
        });
    }

    /** @param offering offers a method to the registry; returns what takes it back */
    FrameMachine(
            Registry registry,
            Events events,
            Codec codec,
            Auth auth,
            Settings settings,
            Limits limits,
            Function<Method, Runnable> offering) {
        this.registry = registry;
        this.events = events;
        this.codec = codec;
        this.auth = auth;
        this.settings = settings;
        this.limits = limits;
        this.offering = offering;
        this.wording = new Wording(codec);
        this.encoded = new EncodedEvents(wording);
    }

    private static void withdraw(ServiceRegistration<Method> one) {
        try {
            one.unregister();
        } catch (IllegalStateException alreadyGone) {
            // the framework takes the services of a stopping bundle away by itself
        }
    }

    @Deactivate
    public void close() {
        guests.forEach(Conversation::close);
    }

    @Override
    public Guest open(Caller caller, String door, Line line, Consumer<Guest> stir) {
        Caller through = caller.connection().isEmpty() ? caller.through(Ulid.next()) : caller;
        Conversation guest = new Conversation(this, through, door, line, stir);
        guests.add(guest);
        guest.watched(auth.onRevoked(through, () -> guest.end("Your token was taken back.")));
        return guest;
    }

    @Override
    public int maxFrame() {
        return (int) Math.min(
                Integer.MAX_VALUE - 64, settings.config().gateway().maxFrame().bytes());
    }

    @Override
    public byte[] tooLarge(Form form) {
        return wording.refusal(
                form,
                Wording.UNKNOWN,
                ErrorCode.TOO_LARGE,
                "A frame has at most " + maxFrame() + " bytes (gateway.maxFrame).");
    }

    /**
     * Takes a service's methods in.
     *
     * @throws KoshiException REGISTER_FAILED when one of the names belongs to the hub or a plugin
     */
    RemoteService offer(Registration told, Form form, Line line) {
        for (MethodInfo method : told.methods()) {
            registry.find(method.name())
                    .filter(known -> !offered.contains(known))
                    .ifPresent(known -> {
                        throw new KoshiException(
                                ErrorCode.REGISTER_FAILED,
                                method.name() + " belongs to " + known.owner() + "; give the method a name of its own");
                    });
        }
        RemoteService service = new RemoteService(told, form, line, wording);
        offered.addAll(told.methods());
        service.offer(offering);
        services.add(service);
        Map<String, Object> news = new LinkedHashMap<>();
        news.put("service", told.service());
        news.put("version", told.version());
        events.publish(SOURCE, "service.connected", news);
        return service;
    }

    /** Takes them away; earlier owners of the names have them back. */
    void withdraw(RemoteService service) {
        if (services.remove(service)) {
            service.close();
            service.registration().methods().forEach(offered::remove);
            events.publish(
                    SOURCE,
                    "service.disconnected",
                    Map.of("service", service.registration().service()));
        }
    }

    /** Who answers what, for a service that has registered. */
    Map<String, Object> routes() {
        Map<String, Object> routes = new LinkedHashMap<>();
        routes.put(
                "services",
                services.stream()
                        .map(s -> s.registration().service())
                        .distinct()
                        .sorted()
                        .toList());
        routes.put("methods", registry.methods().stream().map(MethodInfo::name).toList());
        routes.put(
                "events",
                services.stream()
                        .flatMap(s -> s.registration().events().stream())
                        .distinct()
                        .sorted()
                        .toList());
        return routes;
    }

    void forget(Conversation guest) {
        guests.remove(guest);
    }

    Collection<Conversation> guests() {
        return List.copyOf(guests);
    }

    Collection<RemoteService> services() {
        return List.copyOf(services);
    }

    Registry registry() {
        return registry;
    }

    Events events() {
        return events;
    }

    Codec codec() {
        return codec;
    }

    Wording wording() {
        return wording;
    }

    EncodedEvents encoded() {
        return encoded;
    }

    Limits limits() {
        return limits;
    }
}
