package io.koshi.model.command;

import java.lang.reflect.Proxy;
import java.util.Map;

/** The settings of a test; what it does not say is as declared. */
final class TestConfig {
    private TestConfig() {}

    static CommandModel.Config of(Map<String, Object> settings) {
        return (CommandModel.Config) Proxy.newProxyInstance(
                CommandModel.Config.class.getClassLoader(),
                new Class<?>[] {CommandModel.Config.class},
                (proxy, method, args) -> settings.getOrDefault(method.getName(), method.getDefaultValue()));
    }
}
