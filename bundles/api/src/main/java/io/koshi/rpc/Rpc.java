package io.koshi.rpc;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A method of the hub. The Java method takes at most one record (the parameters) and optionally a {@link
 * Caller}, in that order, and returns a record, a map or void; it may return a {@link
 * java.util.concurrent.CompletionStage} of those. A {@link java.util.concurrent.CompletableFuture} is cancelled when
 * its caller calls the method off, but not at a deadline.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Rpc {
    /** What it does, a sentence. */
    String value();

    Scope scope();

    /** The verb; by default the Java method's name. */
    String name() default "";

    /**
     * Whether it answers at once from memory, so that the registry may run it on the door's own thread.
     */
    boolean quick() default false;
}
