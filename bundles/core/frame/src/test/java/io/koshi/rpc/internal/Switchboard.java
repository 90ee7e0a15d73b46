package io.koshi.rpc.internal;

import io.koshi.api.Pools;
import io.koshi.codec.Codec;
import io.koshi.rpc.Method;
import io.koshi.rpc.Methods;
import io.koshi.rpc.Registry;
import java.util.List;

/** The real registry, with methods put in by hand instead of by the whiteboard. */
public final class Switchboard {
    private final MethodTable table;
    private final Codec codec;

    public Switchboard(Pools pools, Codec codec) {
        this.table = new MethodTable(pools);
        this.codec = codec;
    }

    public Registry registry() {
        return table;
    }

    /** As a bundle of the hub would offer it. */
    public void core(Methods bean) {
        table.add(BeanMethod.of(codec, bean, "io.koshi.test", Endpoint.Rank.CORE));
    }

    /** As a remote service's connection does; returns what takes it back. */
    public Runnable offer(Method method) {
        List<Endpoint> one = List.of(new ServiceMethod(method));
        table.add(one);
        return () -> table.remove(one);
    }
}
