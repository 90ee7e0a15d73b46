package io.koshi.rpc.internal;

import io.koshi.codec.Codec;
import io.koshi.rpc.Method;
import io.koshi.rpc.Methods;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.osgi.framework.Bundle;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings the methods that bundles and remote services offer into the table. Thread-safe. */
@Component(
        name = "io.koshi.rpc.whiteboard",
        service = {},
        immediate = true,
        configurationPolicy = ConfigurationPolicy.IGNORE)
public final class MethodWhiteboard {
    /** Set by the hub on every component it configures for a plugin. */
    private static final String PLUGIN = "koshi.plugin.name";

    private static final Logger LOG = LoggerFactory.getLogger("io.koshi.rpc");

    private final MethodTable table;
    private final Codec codec;
    private final Map<ServiceReference<?>, List<Endpoint>> offered = new ConcurrentHashMap<>();

    @Activate
    public MethodWhiteboard(@Reference MethodTable table, @Reference Codec codec) {
        this.table = table;
        this.codec = codec;
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    void addMethods(Methods bean, ServiceReference<Methods> reference) {
        Endpoint.Rank rank = reference.getProperty(PLUGIN) == null ? Endpoint.Rank.CORE : Endpoint.Rank.PLUGIN;
        Bundle bundle = reference.getBundle();
        String owner = bundle == null ? bean.getClass().getName() : bundle.getSymbolicName();
        try {
            add(reference, BeanMethod.of(codec, bean, owner, rank));
        } catch (IllegalArgumentException e) {
            LOG.error("no method of {} is offered: {}", owner, e.getMessage());
        }
    }

    void removeMethods(ServiceReference<Methods> reference) {
        remove(reference);
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    void addMethod(Method method, ServiceReference<Method> reference) {
        try {
            add(reference, List.of(new ServiceMethod(method)));
        } catch (RuntimeException e) {
            LOG.error(
                    "a method of {} is not offered: it cannot say what it is",
                    method.getClass().getName(),
                    e);
        }
    }

    void removeMethod(ServiceReference<Method> reference) {
        remove(reference);
    }

    private void add(ServiceReference<?> service, List<Endpoint> endpoints) {
        offered.put(service, endpoints);
        table.add(endpoints);
    }

    private void remove(ServiceReference<?> service) {
        List<Endpoint> endpoints = offered.remove(service);
        if (endpoints != null) {
            table.remove(endpoints);
        }
    }
}
