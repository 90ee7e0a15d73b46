package io.koshi.plugin.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.koshi.codec.internal.RecordCodec;
import io.koshi.config.internal.CheckTable;
import io.koshi.config.internal.ConfigRoom;
import io.koshi.event.Event;
import io.koshi.testkit.PlainHttp;
import io.koshi.testkit.RecordedEvents;
import io.koshi.testkit.TestPools;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.apache.felix.framework.FrameworkFactory;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.launch.Framework;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.cm.ConfigurationListener;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.util.tracker.ServiceTracker;

/** A real framework with Declarative Services and ConfigAdmin, the config room and the plugin room on a home. */
final class House implements AutoCloseable {
    private static final String SHARED = "io.koshi.api;version=0.1.0,org.slf4j;version=2.0.20,"
            + "org.osgi.service.component;version=1.5.1,org.osgi.service.component.runtime;version=1.5.1,"
            + "org.osgi.service.component.runtime.dto;version=1.5.1,org.osgi.service.cm;version=1.6.0,"
            + "org.osgi.util.promise;version=1.3.0,org.osgi.util.function;version=1.2.0";

    final Path home;
    final Framework framework;
    final TestPools pools = new TestPools();
    final RecordedEvents bus = new RecordedEvents();
    final List<Event> events = bus.events;
    final CheckTable checks = new CheckTable();
    final ConfigRoom settings;
    final PluginRoom room;

    House(Path home) throws Exception {
        this(home, Duration.ofMinutes(2));
    }

    /** @param limit how long a plugin may take to start */
    House(Path home, Duration limit) throws Exception {
        this.home = home;
        Files.createDirectories(home.resolve("garden"));
        Map<String, String> properties = new HashMap<>();
        properties.put(
                Constants.FRAMEWORK_STORAGE, home.resolve("cache/framework").toString());
        properties.put(Constants.FRAMEWORK_STORAGE_CLEAN, Constants.FRAMEWORK_STORAGE_CLEAN_ONFIRSTINIT);
        properties.put(Constants.FRAMEWORK_SYSTEMPACKAGES_EXTRA, SHARED);
        properties.put("koshi.home", home.toString());
        properties.put("koshi.garden", home.resolve("garden").toString());
        properties.put("koshi.plugin.limit", Long.toString(limit.toMillis()));
        framework = new FrameworkFactory().newFramework(properties);
        framework.init();
        install(org.apache.felix.cm.impl.ConfigurationManager.class);
        install(org.apache.felix.scr.impl.Activator.class);
        framework.start();
        BundleContext context = framework.getBundleContext();
        settings = new ConfigRoom(new RecordCodec(), pools, checks, context);
        room = new PluginRoom(
                settings,
                bus,
                pools,
                new PlainHttp(),
                wait(context, ConfigurationAdmin.class),
                wait(context, ServiceComponentRuntime.class),
                context);
    }

    private void install(Class<?> inside) throws BundleException, URISyntaxException {
        framework
                .getBundleContext()
                .installBundle(inside.getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .toURI()
                        .toString())
                .start();
    }

    private static <T> T wait(BundleContext context, Class<T> type) throws InterruptedException {
        ServiceTracker<T, T> tracker = new ServiceTracker<>(context, type, null);
        tracker.open();
        return Objects.requireNonNull(tracker.waitForService(60_000), type.getName());
    }

    Optional<Bundle> bundle(String bsn) {
        return Arrays.stream(framework.getBundleContext().getBundles())
                .filter(b -> bsn.equals(b.getSymbolicName()))
                .findFirst();
    }

    /** The channel services there are: name to component id. */
    Map<String, Long> channels() throws InvalidSyntaxException {
        return channels("component.id");
    }

    /** The channel services there are: name to a property, {@code service.id} for one. */
    Map<String, Long> channels(String property) throws InvalidSyntaxException {
        Map<String, Long> found = new HashMap<>();
        ServiceReference<?>[] all = framework.getBundleContext().getAllServiceReferences("io.koshi.api.Channel", null);
        Stream.of(all == null ? new ServiceReference<?>[0] : all)
                .forEach(r -> found.put((String) r.getProperty("koshi.channel.name"), (Long) r.getProperty(property)));
        return found;
    }

    /** Holds up, once, the thread on which ConfigAdmin tells its listeners what has changed. */
    void tellLate(Duration late) throws Exception {
        CountDownLatch held = new CountDownLatch(1);
        heard("late", () -> {
            held.countDown();
            LockSupport.parkNanos(late.toNanos());
        });
        assertThat(held.await(60, TimeUnit.SECONDS)).isTrue();
    }

    /** Returns when ConfigAdmin has told of all that has changed so far. */
    void awaitAllTold() throws Exception {
        CountDownLatch told = new CountDownLatch(1);
        heard("told", told::countDown);
        assertThat(told.await(60, TimeUnit.SECONDS)).isTrue();
    }

    private void heard(String pid, Runnable then) throws Exception {
        ConfigurationListener listener = event -> {
            if (event.getPid().equals(pid)) {
                then.run();
            }
        };
        BundleContext context = framework.getBundleContext();
        context.registerService(ConfigurationListener.class, listener, null);
        wait(context, ConfigurationAdmin.class)
                .getConfiguration(pid, "?")
                .update(new Hashtable<>(Map.of("at", System.nanoTime())));
    }

    List<String> topics() {
        return bus.topics();
    }

    String config() throws IOException {
        return Files.readString(home.resolve("koshi.yaml"));
    }

    @Override
    public void close() throws Exception {
        room.close();
        settings.close();
        pools.close();
        framework.stop();
        framework.waitForStop(20_000);
    }
}
