package io.koshi.cron.internal;

import io.koshi.api.Trust;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Optional;

/**
 * A job that is on, with its schedule read.
 *
 * @param n its row
 * @param id eight characters
 * @param trust of whoever asked for it
 * @param since when it began; no slot before it counts
 * @param lastSlot the newest slot that was claimed, {@code since} before the first
 */
record Job(
        long n,
        String id,
        Origin origin,
        Trust trust,
        Spec spec,
        Schedule schedule,
        ZoneId zone,
        Optional<ActiveHours> active,
        Work work,
        Instant since,
        Instant lastSlot) {
    /** Where a job comes from. */
    enum Origin {
        /** koshi.yaml. */
        CONFIG,
        /** A method, a tool or a person in a conversation. */
        ADDED
    }

    String name() {
        return spec.name();
    }

    /** The first slot strictly after another. */
    Optional<Instant> next(Instant last) {
        return active.map(hours -> hours.next(schedule, zone, last)).orElseGet(() -> schedule.next(zone, last));
    }

    /** When a slot is to be started: itself, put off by a part of the jitter that is the slot's own. */
    Instant fireAt(Instant slot) {
        long most = spec.jitterMs().toMillis();
        return most == 0
                ? slot
                : slot.plusMillis(Math.floorMod(mix(id.hashCode() * 31L + slot.getEpochSecond()), most + 1));
    }

    /** A late slot's bound: whatever its share of the jitter was, it should have started. */
    Duration jitter() {
        return spec.jitterMs();
    }

    Job at(Instant slot) {
        return new Job(n, id, origin, trust, spec, schedule, zone, active, work, since, slot);
    }

    Job doing(Work other) {
        return new Job(n, id, origin, trust, spec, schedule, zone, active, other, since, lastSlot);
    }

    /** SplitMix64's finish (Steele, Lea and Flood, 2014): neighbours come out far apart. */
    private static long mix(long z) {
        long a = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
        long b = (a ^ a >>> 27) * 0x94D049BB133111EBL;
        return b ^ b >>> 31;
    }
}
