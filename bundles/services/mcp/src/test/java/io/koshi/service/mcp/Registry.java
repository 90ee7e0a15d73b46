package io.koshi.service.mcp;

import io.koshi.tool.Tool;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;

/** The tools a bundle has registered, by name, as the framework would know them. */
final class Registry {
    final Map<String, Tool> tools = new ConcurrentHashMap<>();

    BundleContext context() {
        return (BundleContext) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {BundleContext.class}, (proxy, method, arguments) -> {
                    if (!method.getName().equals("registerService")) {
                        throw new UnsupportedOperationException(method.getName());
                    }
                    Tool tool = (Tool) arguments[1];
                    tools.put(tool.spec().name(), tool);
                    return registration(tool);
                });
    }

    private ServiceRegistration<?> registration(Tool tool) {
        return (ServiceRegistration<?>) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {ServiceRegistration.class}, (proxy, method, arguments) -> {
                    if (!method.getName().equals("unregister")) {
                        throw new UnsupportedOperationException(method.getName());
                    }
                    tools.remove(tool.spec().name(), tool);
                    return null;
                });
    }
}
