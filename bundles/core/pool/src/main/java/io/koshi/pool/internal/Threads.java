package io.koshi.pool.internal;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;

/** The pools every bundle shares, and the threads that did not end with theirs. Thread-safe. */
@Component(name = "io.koshi.pool.threads", service = Threads.class, configurationPolicy = ConfigurationPolicy.IGNORE)
public final class Threads {
    private static final int MOST_WORKERS = 128;
    private static final int MOST_HTTP = 32;
    private static final int LONGEST_QUEUE = 100_000;

    private final ElasticPool work = new ElasticPool("koshi-work", MOST_WORKERS, LONGEST_QUEUE);
    private final ElasticPool http = new ElasticPool("koshi-http", MOST_HTTP, LONGEST_QUEUE);
    private final TimerPool timer = new TimerPool("koshi-timer");
    private final Set<Thread> leftBehind = ConcurrentHashMap.newKeySet();

    @Activate
    public Threads() {
        Bundle bundle = FrameworkUtil.getBundle(Threads.class);
        if (bundle != null) {
            BundleContext context = bundle.getBundleContext();
            context.addBundleListener(new RawThreads(context, this)); // the framework takes it out with this bundle
        }
    }

    ElasticPool work() {
        return work;
    }

    TimerPool timer() {
        return timer;
    }

    /** The HTTP client's own: never blocked by those that wait for its answers. */
    ElasticPool http() {
        return http;
    }

    /** A bundle has gone: nothing its tasks left in a thread may stay. */
    void forget() {
        work.renewThreads();
        http.renewThreads();
        timer.renewThreads();
    }

    /** Notes a thread that goes on although its bundle has gone. */
    void leaveBehind(Thread thread, String owner) {
        if (leftBehind.add(thread)) {
            Job.LOG.warn(
                    "{} has stopped and its thread {} goes on, at {}: report this to the plugin's author;"
                            + " a restart of the hub ends it",
                    owner,
                    thread.getName(),
                    where(thread));
        }
    }

    private static String where(Thread thread) {
        StackTraceElement[] stack = thread.getStackTrace();
        return stack.length == 0 ? "an unknown place" : stack[0].toString();
    }

    /** Threads that still run although their bundle has gone. */
    List<String> stuck() {
        leftBehind.removeIf(thread -> !thread.isAlive());
        return names(leftBehind);
    }

    private static List<String> names(Collection<Thread> threads) {
        return threads.stream().map(Thread::getName).sorted().toList();
    }

    @Deactivate
    void stop() {
        timer.shutdownNow();
        work.shutdownNow();
        http.shutdownNow();
    }
}
