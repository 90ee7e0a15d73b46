package io.koshi.model;

import io.koshi.api.KoshiException;
import java.util.function.Consumer;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Something that can think, offered as a service with {@link ModelName}; configured under {@code models}
 * in koshi.yaml, one service per named model.
 */
@ConsumerType
public interface Model {
    /**
     * Answers, handing on text as it comes. Runs on a work thread; an interrupt cancels it.
     *
     * @param deltas called in order with each piece of text; nothing is handed on after this returns
     * @throws KoshiException with a retryable code (OVERLOADED with retry-after, TIMEOUT,
     *     SERVICE_UNAVAILABLE) when another attempt may succeed
     */
    ModelAnswer stream(ModelRequest request, Consumer<String> deltas) throws InterruptedException;

    /** Answers whole. */
    default ModelAnswer complete(ModelRequest request) throws InterruptedException {
        return stream(request, delta -> {});
    }
}
