package io.koshi.memory.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.koshi.config.Config.SleepBlock;
import io.koshi.config.Config.SleepMode;
import java.time.LocalDateTime;
import org.junit.jupiter.api.Test;

class SleepClockTest {
    private static final LocalDateTime NOON = LocalDateTime.of(2026, 11, 21, 12, 0);

    @Test
    void sleepsAfterSoManyTurns() {
        SleepClock clock = new SleepClock(NOON);
        for (int i = 1; i < 6; i++) {
            assertThat(clock.turn(block(SleepMode.NIGHTLY), NOON)).isFalse();
        }
        assertThat(clock.turn(block(SleepMode.NIGHTLY), NOON)).isTrue();
        assertThat(clock.turn(block(SleepMode.NIGHTLY), NOON))
                .as("the count begins anew")
                .isFalse();
    }

    @Test
    void sleepsAfterSoManyMinutesAtAnyTimeOrAtNightOnly() {
        assertThat(new SleepClock(NOON).tick(block(SleepMode.AUTO), NOON.plusMinutes(119)))
                .isFalse();
        assertThat(new SleepClock(NOON).tick(block(SleepMode.AUTO), NOON.plusMinutes(120)))
                .isTrue();
        assertThat(new SleepClock(NOON).tick(block(SleepMode.NIGHTLY), NOON.plusHours(9)))
                .isFalse();
        assertThat(new SleepClock(NOON).tick(block(SleepMode.NIGHTLY), NOON.plusHours(10)))
                .isTrue();
        assertThat(new SleepClock(NOON).tick(block(SleepMode.NIGHTLY), NOON.plusHours(17)))
                .isTrue();
        assertThat(new SleepClock(NOON).tick(block(SleepMode.NIGHTLY), NOON.plusHours(18)))
                .isFalse();
    }

    @Test
    void neverSleepsByItselfWhereItIsOff() {
        SleepClock clock = new SleepClock(NOON);
        for (int i = 0; i < 100; i++) {
            assertThat(clock.turn(block(SleepMode.OFF), NOON)).isFalse();
        }
        assertThat(clock.tick(block(SleepMode.OFF), NOON.plusDays(9))).isFalse();
    }

    @Test
    void aClockThatJumpsSleepsOnceOrBeginsToCountAnew() {
        SleepClock clock = new SleepClock(NOON);
        assertThat(clock.tick(block(SleepMode.AUTO), NOON.plusYears(1))).isTrue();
        assertThat(clock.tick(block(SleepMode.AUTO), NOON.plusYears(1))).isFalse();
        assertThat(clock.tick(block(SleepMode.AUTO), NOON)).isFalse();
        assertThat(clock.tick(block(SleepMode.AUTO), NOON.plusMinutes(120))).isTrue();
    }

    private static SleepBlock block(SleepMode mode) {
        return new SleepBlock(mode, 6, 120, 22, 6);
    }
}
