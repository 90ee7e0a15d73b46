package io.koshi.cron.internal;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.Optional;

/**
 * Finds the moments at which a zone's clock agrees with an expression, over both edges of daylight saving. A fixed
 * time that the clock leaps over counts at the first moment after the leap, and one that it shows twice counts the
 * first time; a wild one counts whenever the clock shows it.
 */
final class WallClock {
    private WallClock() {}

    /** The moment a local time stands for: the earlier of two, and the end of the gap where there is none. */
    static Instant valid(LocalDateTime local, ZoneRules rules) {
        ZoneOffsetTransition edge = rules.getTransition(local);
        if (edge == null) {
            return local.toInstant(rules.getOffset(local));
        }
        return edge.isGap() ? edge.getInstant() : local.toInstant(edge.getOffsetBefore());
    }

    /** The next slot of an expression whose minute and hour are fixed. */
    static Optional<Instant> fixed(Expression expression, ZoneRules rules, Instant last) {
        return expression.next(afterEveryEarlierOne(rules, last)).map(local -> valid(local, rules));
    }

    /** The first local time that cannot stand for {@code last} or a moment before it. */
    private static LocalDateTime afterEveryEarlierOne(ZoneRules rules, Instant last) {
        LocalDateTime local = LocalDateTime.ofEpochSecond(last.getEpochSecond(), 0, rules.getOffset(last))
                .plusSeconds(1);
        ZoneOffsetTransition edge = rules.getTransition(local);
        boolean secondTime = edge != null && edge.isOverlap() && !last.isBefore(edge.getInstant());
        return secondTime ? edge.getDateTimeBefore() : local;
    }

    /** The next slot of an expression whose minute or hour is wild. */
    static Optional<Instant> matching(Expression expression, ZoneRules rules, Instant last) {
        Instant from = Instant.ofEpochSecond(last.getEpochSecond() + 1);
        while (true) {
            ZoneOffset offset = rules.getOffset(from);
            Optional<LocalDateTime> local =
                    expression.next(LocalDateTime.ofEpochSecond(from.getEpochSecond(), 0, offset));
            if (local.isEmpty()) {
                return Optional.empty();
            }
            Instant slot = local.get().toInstant(offset);
            ZoneOffsetTransition edge = rules.nextTransition(from);
            if (edge == null || slot.isBefore(edge.getInstant())) {
                return Optional.of(slot);
            }
            from = edge.getInstant();
        }
    }
}
