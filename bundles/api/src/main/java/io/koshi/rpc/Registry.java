package io.koshi.rpc;

import io.koshi.api.KoshiException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Every method the hub has now, and the one way to call it: scope, parameters, deadline, errors and the
 * log line are dealt with here and nowhere else.
 */
@ProviderType
public interface Registry {
    /** The deadline where a caller names none. */
    Duration DEADLINE = Duration.ofSeconds(30);

    /**
     * Calls a method.
     *
     * @param params plain data
     * @return a record or plain data; fails with a {@link KoshiException} and nothing else. Cancelling its {@code
     *     CompletableFuture} calls the method off: the handler is interrupted, and a stage it returned is cancelled
     */
    CompletionStage<Object> call(Caller caller, String method, Map<String, Object> params, Duration deadline);

    /** Calls and waits. */
    Object ask(Caller caller, String method, Map<String, Object> params);

    /** A door says that a caller's connection has ended; what was lent to it is free again. */
    default void closed(Caller caller) {}

    /** Has a listener told, on the thread of the door, of each connection that has ended; it must be short. */
    default AutoCloseable onClosed(Consumer<Caller> listener) {
        return () -> {};
    }

    /** All methods, by name. */
    List<MethodInfo> methods();

    Optional<MethodInfo> find(String method);
}
