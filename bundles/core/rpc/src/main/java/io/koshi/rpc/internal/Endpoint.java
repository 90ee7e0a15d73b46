package io.koshi.rpc.internal;

import io.koshi.rpc.Caller;
import io.koshi.rpc.MethodInfo;
import io.koshi.rpc.Scope;
import java.util.Map;

/** One offer of a method by one owner. Thread-safe. */
interface Endpoint {
    /** Who may offer a name; of two that offer one, the higher has it. */
    enum Rank {
        /** A remote service. */
        SERVICE,
        /** A component of a plugin. */
        PLUGIN,
        /** A component of the hub itself. */
        CORE
    }

    String name();

    Scope scope();

    Rank rank();

    /** The bundle or remote service. */
    String owner();

    /** Whether it may run on the caller's own thread. */
    boolean quick();

    /** Made when first asked for, since schemas cost time and start-up has none. */
    MethodInfo info();

    /**
     * Checks the parameters and does it.
     *
     * @return a record, plain data, or a {@link java.util.concurrent.CompletionStage} of those; null for
     *     nothing to say
     */
    Object invoke(Caller caller, Map<String, Object> params) throws Throwable;

    /** What a failure that is no {@link io.koshi.api.KoshiException} means: this method's own fault or the hub's. */
    boolean foreign();
}
