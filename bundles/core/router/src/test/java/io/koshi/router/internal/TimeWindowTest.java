package io.koshi.router.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.koshi.api.Address;
import io.koshi.api.Message;
import io.koshi.config.Config;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class TimeWindowTest {
    private static boolean within(Map<String, Object> window, String instant) {
        RuleTable table = RuleTable.compile(
                List.of(new Config.RouteBlock(Optional.empty(), Map.of("time", window), "drop", Optional.empty())),
                Config.Unmatched.FORWARD);
        assertThat(table.problems()).isEmpty();
        Message message = Message.of(Address.of("x", "y"), "");
        return table.decide(table.subject(message, Instant.parse(instant))).index() == 0;
    }

    @Test
    void aNightRunsPastMidnightAndBelongsToTheDayItBeganOn() {
        Map<String, Object> night =
                Map.of("from", "22:00", "to", "07:00", "zone", "UTC", "days", List.of("fri", "Saturday"));
        assertThat(within(night, "2026-11-20T21:59:59Z")).isFalse();
        assertThat(within(night, "2026-11-20T22:00:00Z")).isTrue();
        assertThat(within(night, "2026-11-21T06:59:59Z"))
                .as("Saturday morning, of Friday's night")
                .isTrue();
        assertThat(within(night, "2026-11-21T07:00:00Z")).isFalse();
        assertThat(within(night, "2026-11-22T03:00:00Z"))
                .as("Sunday morning, of Saturday's night")
                .isTrue();
        assertThat(within(night, "2026-11-20T03:00:00Z"))
                .as("Friday morning, of Thursday's night")
                .isFalse();
    }

    @Test
    void theClockOnTheWallCountsWhenClocksChange() {
        // Helsinki: 2026-03-29 03:00 becomes 04:00, 2026-10-25 04:00 becomes 03:00
        Map<String, Object> window = Map.of("from", "03:30", "to", "05:00", "zone", "Europe/Helsinki");
        assertThat(within(window, "2026-03-29T00:59:00Z")).as("02:59").isFalse();
        assertThat(within(window, "2026-03-29T01:00:00Z"))
                .as("04:00, as 03:30 was skipped")
                .isTrue();
        assertThat(within(window, "2026-10-25T00:45:00Z"))
                .as("03:45 the first time")
                .isTrue();
        assertThat(within(window, "2026-10-25T01:15:00Z"))
                .as("03:15 the second time")
                .isFalse();
        assertThat(within(window, "2026-10-25T01:45:00Z"))
                .as("03:45 the second time")
                .isTrue();
    }

    @Test
    void daysAloneMeanTheWholeDayAndYamlsMinutesAreUnderstood() {
        Map<String, Object> weekend = Map.of("days", List.of("sat", "sun"), "zone", "UTC");
        assertThat(within(weekend, "2026-11-21T23:59:59Z")).isTrue();
        assertThat(within(weekend, "2026-11-20T23:59:59Z")).isFalse();
        assertThat(within(Map.of("from", 1320L, "to", "24:00", "zone", "UTC"), "2026-11-21T23:00:00Z"))
                .isTrue();
    }
}
