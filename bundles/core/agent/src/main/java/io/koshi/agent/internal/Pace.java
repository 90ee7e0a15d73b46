package io.koshi.agent.internal;

import java.time.Duration;

/**
 * How patient the room is.
 *
 * @param ladder how long it waits between attempts
 * @param absence how long a configured model that is not here is waited for, so that replacing it costs
 *     no attempt
 * @param stubborn how long a model may go on after it was told to end, before its run ends without it
 * @param store how long it first waits for a store that cannot be written
 */
record Pace(Ladder ladder, Duration absence, Duration stubborn, Duration store) {
    static final Pace USUAL =
            new Pace(Ladder.usual(), Duration.ofSeconds(30), Duration.ofSeconds(5), Duration.ofMillis(500));
}
