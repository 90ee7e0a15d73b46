package io.koshi.auth.internal;

import io.koshi.api.Pools;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * The open connections of each credential, told when it holds no more. Looks at each credential when something was
 * taken back and, while there is any, every 2 s: for those that expire and for a token file edited by hand. Thread-safe.
 */
final class Revocations implements AutoCloseable {
    static final Duration ROUND = Duration.ofSeconds(2);

    private final Pools pools;
    private final Predicate<String> holds;
    private final Map<String, Set<Listener>> listeners = new ConcurrentHashMap<>();
    private ScheduledFuture<?> rounds; // guarded by this

    /** What one connection wants done; an identity, so that two equal ones are two. */
    private static final class Listener {
        private final Runnable then;

        Listener(Runnable then) {
            this.then = then;
        }
    }

    /** @param holds whether a credential is still good */
    Revocations(Pools pools, Predicate<String> holds) {
        this.pools = pools;
        this.holds = holds;
    }

    AutoCloseable add(String credential, Runnable then) {
        Listener listener = new Listener(then);
        listeners.compute(credential, (key, known) -> {
            Set<Listener> all = known == null ? ConcurrentHashMap.newKeySet() : known;
            all.add(listener);
            return all;
        });
        wake();
        if (!holds.test(credential)) { // it went while the guest came in
            tell(credential);
        }
        return () -> remove(credential, listener);
    }

    /** Tells those whose credential holds no more. */
    void look() {
        for (String credential : listeners.keySet()) {
            if (!holds.test(credential)) {
                tell(credential);
            }
        }
        rest();
    }

    /** How many connections would be told. */
    int size() {
        return listeners.values().stream().mapToInt(Set::size).sum();
    }

    @Override
    public synchronized void close() {
        if (rounds != null) {
            rounds.cancel(false);
        }
        listeners.clear();
    }

    private void tell(String credential) {
        Set<Listener> told = listeners.remove(credential);
        if (told != null) {
            told.forEach(each -> run(each.then));
        }
    }

    private void run(Runnable then) {
        try {
            pools.work().execute(then);
        } catch (RejectedExecutionException busy) {
            then.run();
        }
    }

    private void remove(String credential, Listener listener) {
        listeners.computeIfPresent(credential, (key, known) -> {
            known.remove(listener);
            return known.isEmpty() ? null : known;
        });
    }

    private synchronized void wake() {
        if (rounds == null) {
            rounds = pools.timer()
                    .scheduleWithFixedDelay(this::look, ROUND.toMillis(), ROUND.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private synchronized void rest() {
        if (rounds != null && listeners.isEmpty()) {
            rounds.cancel(false);
            rounds = null;
        }
    }
}
