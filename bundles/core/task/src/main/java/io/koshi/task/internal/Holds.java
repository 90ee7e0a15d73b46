package io.koshi.task.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Who holds which task now. Whoever wants to end a lease claims it first, so that of an ack, an expiry and a closed
 * connection that come together one goes on. Thread-safe.
 */
final class Holds {
    private final Map<Long, Hold> byTask = new ConcurrentHashMap<>();
    private final Map<String, Long> numbers = new ConcurrentHashMap<>();
    private final TreeSet<Hold> byDeadline =
            new TreeSet<>(Comparator.comparingLong(Hold::deadline).thenComparingLong(Hold::fence));
    private final Set<Long> claimed = new HashSet<>();

    synchronized void put(Hold hold) {
        Hold before = byTask.put(hold.facts().n(), hold);
        if (before != null) {
            byDeadline.remove(before);
        }
        byDeadline.add(hold);
        numbers.put(hold.facts().id(), hold.facts().n());
    }

    /** The row of a task that is held, by its id. */
    Optional<Long> number(String taskId) {
        return Optional.ofNullable(numbers.get(taskId));
    }

    Optional<Hold> of(long n) {
        return Optional.ofNullable(byTask.get(n));
    }

    boolean holds(long n) {
        return byTask.containsKey(n);
    }

    Collection<Hold> all() {
        return byTask.values();
    }

    /** Takes the right to end a lease; empty when the token is not the newest or somebody else is ending it. */
    synchronized Optional<Hold> claim(long n, long fence) {
        Hold hold = byTask.get(n);
        if (hold == null || hold.fence() != fence || !claimed.add(fence)) {
            return Optional.empty();
        }
        return Optional.of(hold);
    }

    /** Gives the right back: the end could not be written. */
    synchronized void unclaim(long fence) {
        claimed.remove(fence);
    }

    /** Forgets a lease that has ended. */
    synchronized void drop(long n, long fence) {
        Hold hold = byTask.get(n);
        if (hold != null && hold.fence() == fence) {
            byTask.remove(n);
            byDeadline.remove(hold);
            numbers.remove(hold.facts().id());
        }
        claimed.remove(fence);
    }

    /**
     * Lengthens a lease.
     *
     * @throws KoshiException CONFLICT when the token is not the newest or the lease is being ended
     */
    synchronized Hold renew(long n, long fence, Instant until, long deadline) {
        Hold hold = byTask.get(n);
        if (hold == null || hold.fence() != fence || claimed.contains(fence)) {
            throw new KoshiException(
                    ErrorCode.CONFLICT, "this lease has ended; stop the work on it and lease the next task");
        }
        Hold renewed = hold.renewed(until, deadline);
        put(renewed);
        return renewed;
    }

    /** Claims those that have run out. */
    synchronized List<Hold> claimExpired(long now) {
        List<Hold> expired = new ArrayList<>();
        for (Hold hold : byDeadline) {
            if (hold.deadline() - now > 0) {
                break;
            }
            if (claimed.add(hold.fence())) {
                expired.add(hold);
            }
        }
        return expired;
    }

    /** Claims those of a connection. */
    synchronized List<Hold> claimOf(String connection) {
        List<Hold> found = new ArrayList<>();
        for (Hold hold : byTask.values()) {
            if (hold.connection().equals(connection) && claimed.add(hold.fence())) {
                found.add(hold);
            }
        }
        return found;
    }

    /** When the next one runs out, by {@link System#nanoTime}. */
    synchronized Optional<Long> nextDeadline() {
        for (Hold hold : byDeadline) {
            if (!claimed.contains(hold.fence())) {
                return Optional.of(hold.deadline());
            }
        }
        return Optional.empty();
    }
}
