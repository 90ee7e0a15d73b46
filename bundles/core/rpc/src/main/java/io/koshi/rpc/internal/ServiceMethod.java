package io.koshi.rpc.internal;

import io.koshi.codec.SchemaCheck;
import io.koshi.rpc.Caller;
import io.koshi.rpc.Method;
import io.koshi.rpc.MethodInfo;
import io.koshi.rpc.Scope;
import java.util.Map;

/** A method that answers elsewhere: a remote service's. Thread-safe. */
final class ServiceMethod implements Endpoint {
    private final Method method;
    private final MethodInfo info;

    ServiceMethod(Method method) {
        this.method = method;
        this.info = method.info();
    }

    @Override
    public String name() {
        return info.name();
    }

    @Override
    public Scope scope() {
        return info.scope();
    }

    @Override
    public Rank rank() {
        return Rank.SERVICE;
    }

    @Override
    public String owner() {
        return info.owner();
    }

    /** It only sends the question. */
    @Override
    public boolean quick() {
        return true;
    }

    @Override
    public boolean foreign() {
        return true;
    }

    @Override
    public MethodInfo info() {
        return info;
    }

    @Override
    public Object invoke(Caller caller, Map<String, Object> params) {
        SchemaCheck.check(params, info.params());
        return method.call(caller, params);
    }
}
