package io.koshi.cron.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class ScheduleOracleTest {
    @Test
    void agreesWithASteppedClockAtEveryEdgeOfEveryZone() {
        Expressions expressions = new Expressions(20261121);
        for (String zone : OracleRun.ZONES) {
            OracleRun run = new OracleRun(zone);
            for (int i = 0; i < 40; i++) {
                assertThat(run.transitions(expressions.next())).isEmpty();
            }
        }
    }

    @Test
    void agreesWithASteppedClockFromRandomMoments() {
        Expressions expressions = new Expressions(7);
        Random random = new Random(8);
        for (String zone : OracleRun.ZONES) {
            OracleRun run = new OracleRun(zone);
            for (int i = 0; i < 6; i++) {
                assertThat(run.moments(expressions.next(), 2, 50, random)).isEmpty();
            }
        }
    }

    /** About a quarter of an hour; {@code bench/run cron} does the same and prints the figures. */
    @Test
    @Tag("extended")
    void agreesWithASteppedClockTwoThousandTimesOver() {
        OracleRun.Figures figures = OracleRun.all(OracleRun.ZONES, 2000, 40, 200, zone -> {});
        assertThat(figures.wrong()).isEmpty();
        assertThat(figures.compared()).isGreaterThan(400_000_000L);
    }
}
