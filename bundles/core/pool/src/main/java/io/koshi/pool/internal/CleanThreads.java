package io.koshi.pool.internal;

import java.security.AccessController;
import java.security.PrivilegedAction;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Makes threads that remember nothing of whoever asked for them. A pooled thread outlives the plugin whose
 * call made it grow, so it must keep neither its context class loader, nor its inheritable thread locals,
 * nor (before Java 24) the protection domains on its stack: each of them pins the plugin's class loader.
 * Thread-safe.
 */
final class CleanThreads implements ThreadFactory {
    /** Holds the libraries of the JVM's class path; never a plugin's. */
    static final ClassLoader LOADER = ClassLoader.getSystemClassLoader();

    private final String name;
    private final AtomicInteger made = new AtomicInteger();
    private final AtomicInteger generation = new AtomicInteger();

    /** @param name of the pool; its threads are numbered from 1 */
    CleanThreads(String name) {
        this.name = name;
    }

    @Override
    public PoolThread newThread(Runnable body) {
        return make(body, name + "-" + made.incrementAndGet(), generation.get());
    }

    /** From now on every thread made before is {@link #isStale stale}. */
    void renew() {
        generation.incrementAndGet();
    }

    /** Whether the calling thread was made before the last {@link #renew} and may hold what is to go. */
    boolean isStale() {
        return Thread.currentThread() instanceof PoolThread thread && thread.generation != generation.get();
    }

    /** A thread of its own, for a loop. */
    static PoolThread single(Runnable body, String name) {
        return make(body, name, 0);
    }

    @SuppressWarnings("removal") // without a replacement; a plain call from Java 24 on
    private static PoolThread make(Runnable body, String name, int generation) {
        return AccessController.doPrivileged(
                (PrivilegedAction<PoolThread>) () -> new PoolThread(body, name, generation));
    }

    /** A thread that knows when it was made. */
    static final class PoolThread extends Thread {
        private final int generation;

        private PoolThread(Runnable body, String name, int generation) {
            super(null, body, name, 0, false);
            this.generation = generation;
            setDaemon(true);
            setContextClassLoader(LOADER);
        }
    }
}
