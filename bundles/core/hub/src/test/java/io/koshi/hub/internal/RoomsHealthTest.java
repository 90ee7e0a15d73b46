package io.koshi.hub.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.koshi.api.Health.Report;
import io.koshi.api.Health.Status;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;

class RoomsHealthTest {
    private final List<ComponentConfigurationDTO> instances = new ArrayList<>();

    @Test
    void namesTheRoomThatCouldNotStartAndWhyNotThoseThatFollow() {
        instance("io.koshi.store", ComponentConfigurationDTO.ACTIVE, null);
        assertThat(health().status()).isEqualTo(Status.HEALTHY);

        instance(
                "io.koshi.agent",
                ComponentConfigurationDTO.FAILED_ACTIVATION,
                "java.lang.IllegalStateException: Unable to get service for reference tasks\n\tat x.Y.z(Y.java:1)\n");
        instance(
                "io.koshi.task",
                ComponentConfigurationDTO.FAILED_ACTIVATION,
                "java.lang.reflect.InvocationTargetException\n\tat x.Y.z(Y.java:1)\n"
                        + "Caused by: io.koshi.api.KoshiException: step 2 was changed\n\t... 3 more\n");

        Report report = health();

        assertThat(report.status()).isEqualTo(Status.UNHEALTHY);
        assertThat(report.kind()).isEqualTo("core");
        assertThat(report.message()).contains("io.koshi.task could not start: step 2 was changed");
    }

    private Report health() {
        ServiceComponentRuntime runtime = fake(ServiceComponentRuntime.class, (method, arguments) -> switch (method) {
            case "getComponentDescriptionDTOs" ->
                instances.stream().map(instance -> instance.description).toList();
            case "getComponentConfigurationDTOs" -> of((ComponentDescriptionDTO) arguments[0]);
            default -> throw new UnsupportedOperationException(method);
        });
        BundleContext context = fake(BundleContext.class, (method, arguments) -> new Bundle[0]);
        return new RoomsHealth(context, runtime).health();
    }

    private Collection<ComponentConfigurationDTO> of(ComponentDescriptionDTO component) {
        return instances.stream()
                .filter(instance -> instance.description == component)
                .toList();
    }

    private void instance(String name, int state, String failure) {
        ComponentConfigurationDTO instance = new ComponentConfigurationDTO();
        instance.description = new ComponentDescriptionDTO();
        instance.description.name = name;
        instance.state = state;
        instance.failure = failure;
        instances.add(instance);
    }

    private interface Answers {
        Object to(String method, Object[] arguments);
    }

    private static <T> T fake(Class<T> type, Answers answers) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(),
                new Class<?>[] {type},
                (self, method, arguments) -> answers.to(method.getName(), arguments)));
    }
}
