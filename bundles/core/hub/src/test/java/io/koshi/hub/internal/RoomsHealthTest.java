package io.koshi.hub.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.koshi.api.Health.Report;
import io.koshi.api.Health.Status;
import io.koshi.api.Pools;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
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
                        + "Caused by: io.koshi.api.KoshiException: step 2 was changed\n\t... 3 more\n"
                        + "Caused by: org.sqlite.SQLiteException: what lies beneath\n\t... 3 more\n");

        Report report = health();

        assertThat(report.data()).isEmpty();
        assertThat(report.status()).isEqualTo(Status.UNHEALTHY);
        assertThat(report.kind()).isEqualTo("core");
        assertThat(report.message())
                .contains("io.koshi.task could not start: step 2 was changed; 'koshi restart' when that is mended");
    }

    @Test
    void saysOfAFileWhatIsWrongWithIt() {
        instance(
                "io.koshi.plugin",
                ComponentConfigurationDTO.FAILED_ACTIVATION,
                "java.nio.file.FileAlreadyExistsException: /home/deploy\n\tat x.Y.z(Y.java:1)\n");
        assertThat(health().message())
                .hasValueSatisfying(message -> assertThat(message)
                        .contains("/home/deploy is in the way of a directory, move it; 'koshi restart'"));
    }

    @Test
    void saysSoAsLongAsItHasNotLookedAndLooksBesideWhoeverAsks() {
        List<Runnable> waiting = new ArrayList<>();
        RoomsHealth rooms = rooms(waiting::add);
        instance("io.koshi.task", ComponentConfigurationDTO.FAILED_ACTIVATION, "a.FirstException: no\n");

        assertThat(rooms.health().data()).containsEntry("looked", false);
        assertThat(rooms.health().status()).isEqualTo(Status.HEALTHY);
        assertThat(waiting).as("one look at a time").hasSize(1);

        waiting.get(0).run();
        assertThat(rooms.health().status()).isEqualTo(Status.UNHEALTHY);
    }

    private Report health() {
        RoomsHealth rooms = rooms(Runnable::run);
        rooms.health();
        return rooms.health();
    }

    private RoomsHealth rooms(Executor work) {
        ServiceComponentRuntime runtime = fake(ServiceComponentRuntime.class, (method, arguments) -> switch (method) {
            case "getComponentDescriptionDTOs" ->
                instances.stream().map(instance -> instance.description).toList();
            case "getComponentConfigurationDTOs" -> of((ComponentDescriptionDTO) arguments[0]);
            default -> throw new UnsupportedOperationException(method);
        });
        BundleContext context = fake(BundleContext.class, (method, arguments) -> new Bundle[0]);
        Pools pools = fake(Pools.class, (method, arguments) -> new DirectWork(work));
        return new RoomsHealth(context, runtime, pools);
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

    /** Only what is executed. */
    private static final class DirectWork extends AbstractExecutorService {
        private final Executor work;

        DirectWork(Executor work) {
            this.work = work;
        }

        @Override
        public void execute(Runnable task) {
            work.execute(task);
        }

        @Override
        public void shutdown() {}

        @Override
        public List<Runnable> shutdownNow() {
            return List.of();
        }

        @Override
        public boolean isShutdown() {
            return false;
        }

        @Override
        public boolean isTerminated() {
            return false;
        }

        @Override
        public boolean awaitTermination(long timeout, TimeUnit unit) {
            return true;
        }
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
