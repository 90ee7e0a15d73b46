package io.koshi.pool.internal;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.BundleReference;
import org.osgi.framework.SynchronousBundleListener;
import org.osgi.framework.wiring.BundleWiring;

/**
 * Ends threads that a plugin made by itself, beside the pools, once its bundle has stopped.
 *
 * <p>A thread is a bundle's when its class is, or when the code that it began with, the frame nearest its root that is
 * not of the JDK, is the bundle's and nobody else's. It is interrupted; if it goes on it is named in health. A thread
 * that was lent to the bundle began in somebody else's code and is left alone. Idle workers of a pool that a bundle made
 * cannot be told from any other's. Thread-safe.
 */
final class RawThreads implements SynchronousBundleListener {
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    /** What the JDK adds to the name of the class that a lambda stands in. */
    private static final Pattern LAMBDA = Pattern.compile("\\$\\$Lambda.*");

    private final BundleContext context;
    private final Threads threads;

    RawThreads(BundleContext context, Threads threads) {
        this.context = context;
        this.threads = threads;
    }

    @Override
    public void bundleChanged(BundleEvent event) {
        if (event.getType() == BundleEvent.STOPPED && context.getBundle(0).getState() == Bundle.ACTIVE) {
            Bundle bundle = event.getBundle();
            List<Thread> its = of(bundle);
            its.forEach(Thread::interrupt);
            if (!its.isEmpty()) {
                threads.work().execute(() -> await(its, bundle.getSymbolicName()));
            }
        }
    }

    private void await(List<Thread> its, String owner) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        try {
            for (Thread thread : its) {
                thread.join(
                        Math.max(1, Duration.ofNanos(end - System.nanoTime()).toMillis()));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        its.stream().filter(Thread::isAlive).forEach(thread -> threads.leaveBehind(thread, owner));
    }

    private List<Thread> of(Bundle bundle) {
        List<Thread> its = new ArrayList<>();
        for (Map.Entry<Thread, StackTraceElement[]> each :
                Thread.getAllStackTraces().entrySet()) {
            if (isOf(bundle, each.getKey(), each.getValue())) {
                its.add(each.getKey());
            }
        }
        return its;
    }

    private boolean isOf(Bundle bundle, Thread thread, StackTraceElement[] stack) {
        if (thread == Thread.currentThread()) {
            return false;
        }
        if (thread.getClass().getClassLoader() instanceof BundleReference loader) {
            return loader.getBundle().equals(bundle);
        }
        return beginning(stack)
                .filter(type -> has(bundle, type)
                        && Arrays.stream(context.getBundles())
                                .noneMatch(other -> !other.equals(bundle) && has(other, type)))
                .isPresent();
    }

    /** The class whose code the thread was made for. */
    private static Optional<String> beginning(StackTraceElement[] stack) {
        for (int i = stack.length - 1; i >= 0; i--) {
            if (stack[i].getModuleName() == null) { // the JDK's own are in modules
                return Optional.of(LAMBDA.matcher(stack[i].getClassName()).replaceFirst(""));
            }
        }
        return Optional.empty();
    }

    private static boolean has(Bundle bundle, String type) {
        BundleWiring wiring = bundle.adapt(BundleWiring.class);
        if (wiring == null || bundle.getBundleId() == 0) {
            return false;
        }
        int dot = type.lastIndexOf('.');
        String folder = dot < 0 ? "/" : type.substring(0, dot).replace('.', '/');
        return !wiring.listResources(folder, type.substring(dot + 1) + ".class", BundleWiring.LISTRESOURCES_LOCAL)
                .isEmpty();
    }
}
