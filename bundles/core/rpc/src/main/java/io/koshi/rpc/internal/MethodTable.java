package io.koshi.rpc.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Nearest;
import io.koshi.api.Pools;
import io.koshi.rpc.Caller;
import io.koshi.rpc.MethodInfo;
import io.koshi.rpc.Registry;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/** Every method there is and the one way to call it. Thread-safe. */
@Component(
        name = "io.koshi.rpc",
        service = {Registry.class, MethodTable.class},
        configurationPolicy = ConfigurationPolicy.IGNORE)
public final class MethodTable implements Registry {
    private final Pools pools;
    private final Offers offers = new Offers();
    private final Set<Call> running = ConcurrentHashMap.newKeySet();
    private final Set<Consumer<Caller>> farewells = new CopyOnWriteArraySet<>();

    @Activate
    public MethodTable(@Reference Pools pools) {
        this.pools = pools;
    }

    /** Takes in what an owner offers. */
    void add(List<Endpoint> endpoints) {
        endpoints.forEach(offers::add);
    }

    /** Forgets it; its callers hear SERVICE_UNAVAILABLE at once. */
    void remove(List<Endpoint> endpoints) {
        endpoints.forEach(offers::remove);
        for (Call call : running) {
            if (endpoints.contains(call.endpoint())) {
                call.orphan();
            }
        }
    }

    @Override
    public CompletionStage<Object> call(Caller caller, String method, Map<String, Object> params, Duration deadline) {
        Call call;
        try {
            call = admit(caller, method, params);
        } catch (KoshiException e) {
            return CompletableFuture.failedFuture(e);
        }
        if (call.endpoint().quick()) {
            call.run();
            if (!call.answer().isDone()) {
                watch(call, deadline);
            }
            return call.answer();
        }
        watch(call, deadline);
        try {
            pools.work().execute(call);
        } catch (RejectedExecutionException e) {
            call.fail(KoshiException.overloaded("the hub has too much to do; try again", Duration.ofSeconds(1)));
        }
        return call.answer();
    }

    /** On the caller's own thread, which waits anyway: calls within calls never wait for a free one. */
    @Override
    public Object ask(Caller caller, String method, Map<String, Object> params) {
        Call call = admit(caller, method, params);
        if (!call.endpoint().quick()) {
            watch(call, DEADLINE);
        }
        call.run();
        if (!call.answer().isDone() && call.endpoint().quick()) {
            watch(call, DEADLINE);
        }
        try {
            return call.answer().get();
        } catch (ExecutionException e) {
            throw copy((KoshiException) e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KoshiException(ErrorCode.SERVICE_UNAVAILABLE, "interrupted while waiting for " + method, e);
        }
    }

    /** With this thread's stack, and the one where it happened as its cause. */
    private static KoshiException copy(KoshiException e) {
        return new KoshiException(
                e.code(), e.getMessage(), e.details(), e.retryAfter().orElse(null), e);
    }

    private Call admit(Caller caller, String method, Map<String, Object> params) {
        Endpoint endpoint = offers.find(method);
        if (endpoint == null) {
            throw new KoshiException(
                    ErrorCode.NO_HANDLER,
                    "no method is named '" + method + "'"
                            + Nearest.to(method, offers.names())
                                    .map(near -> "; did you mean '" + near + "'?")
                                    .orElse("; hub.methods lists all"));
        }
        String noun = noun(method);
        if (!caller.may(noun, endpoint.scope())) {
            throw new KoshiException(
                    ErrorCode.FORBIDDEN,
                    caller.name() + " may not call " + method + "; it needs the scope " + noun + "."
                            + endpoint.scope().name().toLowerCase(Locale.ROOT));
        }
        return new Call(endpoint, caller, params == null ? Map.of() : params);
    }

    private static String noun(String method) {
        int dot = method.indexOf('.');
        return dot < 0 ? method : method.substring(0, dot);
    }

    /** From now on the call ends at its deadline, and when its owner goes. */
    private void watch(Call call, Duration deadline) {
        running.add(call);
        call.answer().whenComplete((value, failure) -> running.remove(call));
        try {
            call.alarm(pools.timer().schedule(() -> expire(call, deadline), deadline.toNanos(), TimeUnit.NANOSECONDS));
        } catch (RejectedExecutionException e) {
            call.fail(new KoshiException(ErrorCode.SERVICE_UNAVAILABLE, "the hub is stopping", e));
        }
        if (offers.find(call.endpoint().name()) != call.endpoint() && !offers.has(call.endpoint())) {
            call.orphan(); // it went between the look-up and now
        }
    }

    /** Not on the timer's thread: whoever waits for the answer goes on with it there and then. */
    private void expire(Call call, Duration deadline) {
        try {
            pools.work().execute(() -> call.expire(deadline));
        } catch (RejectedExecutionException e) {
            call.expire(deadline);
        }
    }

    @Override
    public void closed(Caller caller) {
        if (!caller.connection().isEmpty()) {
            farewells.forEach(listener -> listener.accept(caller));
        }
    }

    @Override
    public AutoCloseable onClosed(Consumer<Caller> listener) {
        farewells.add(listener);
        return () -> farewells.remove(listener);
    }

    @Override
    public List<MethodInfo> methods() {
        return offers.all().stream()
                .map(Endpoint::info)
                .sorted(Comparator.comparing(MethodInfo::name))
                .toList();
    }

    @Override
    public Optional<MethodInfo> find(String method) {
        return Optional.ofNullable(offers.find(method)).map(Endpoint::info);
    }
}
