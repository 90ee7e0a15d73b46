package io.koshi.rpc.internal;

import io.koshi.rpc.Doc;
import io.koshi.rpc.MethodInfo;
import io.koshi.rpc.Methods;
import io.koshi.rpc.Namespace;
import io.koshi.rpc.Registry;
import io.koshi.rpc.Rpc;
import io.koshi.rpc.Scope;
import java.util.List;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/** The registry's own method: what the hub can be asked. Thread-safe. */
@Component(name = "io.koshi.rpc.methods", service = Methods.class, configurationPolicy = ConfigurationPolicy.IGNORE)
@Namespace("hub")
public final class RegistryMethods implements Methods {
    record Listing(
            @Doc("Every method the hub has now, by name.") List<MethodInfo> methods) {}

    private final Registry registry;

    @Activate
    public RegistryMethods(@Reference Registry registry) {
        this.registry = registry;
    }

    @Rpc(value = "Lists every method with its scope and schemas.", scope = Scope.READ)
    Listing methods() {
        return new Listing(registry.methods());
    }
}
