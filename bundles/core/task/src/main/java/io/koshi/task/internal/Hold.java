package io.koshi.task.internal;

import java.time.Instant;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A lease that lives in memory until it is a second old: a crash voids it, since its token is of this start.
 *
 * @param connection whose end gives it back; empty for none
 * @param until as the worker was told, by the wall clock
 * @param recorded whether it was given to the disk
 * @param since when it began, by {@link System#nanoTime}
 * @param deadline when it runs out, by {@link System#nanoTime}: a clock that jumps neither ends nor lengthens it
 */
record Hold(
        Facts facts,
        long fence,
        String worker,
        String connection,
        int attempt,
        Instant leasedAt,
        Instant until,
        long since,
        long deadline,
        AtomicBoolean recorded) {
    Hold renewed(Instant newUntil, long newDeadline) {
        return new Hold(facts, fence, worker, connection, attempt, leasedAt, newUntil, since, newDeadline, recorded);
    }
}
