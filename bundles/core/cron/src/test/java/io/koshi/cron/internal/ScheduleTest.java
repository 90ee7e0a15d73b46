package io.koshi.cron.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScheduleTest {
    private static List<String> next(String schedule, String zone, String after, int count) {
        ZoneId id = ZoneId.of(zone);
        Instant last = Instant.parse(after);
        Schedule parsed = Schedule.parse(schedule).from(last);
        List<String> slots = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Optional<Instant> slot = parsed.next(id, last);
            if (slot.isEmpty()) {
                break;
            }
            last = slot.get();
            slots.add(last.atZone(id).toOffsetDateTime().toString());
        }
        return slots;
    }

    @Test
    void aFixedTimeThatTheClockLeapsOverRunsOnceAtTheFirstMomentAfterIt() {
        assertThat(next("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", 2))
                .containsExactly("2026-03-29T03:00+02:00", "2026-03-30T02:30+02:00");
        assertThat(next("0,20,40 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", 2))
                .containsExactly("2026-03-29T03:00+02:00", "2026-03-30T02:00+02:00");
        assertThat(next("0 9 30 12 *", "Pacific/Apia", "2011-12-01T00:00:00Z", 1))
                .containsExactly("2011-12-31T00:00+14:00");
    }

    @Test
    void aFixedTimeThatTheClockShowsTwiceRunsOnce() {
        assertThat(next("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", 2))
                .containsExactly("2026-10-25T02:30+02:00", "2026-10-26T02:30+01:00");
        assertThat(next("30 2 * * *", "Europe/Berlin", "2026-10-25T00:45:00Z", 1))
                .containsExactly("2026-10-26T02:30+01:00");
        assertThat(next("30 2 * * *", "Europe/Berlin", "2026-10-25T01:15:00Z", 1))
                .containsExactly("2026-10-26T02:30+01:00");
    }

    @Test
    void aRhythmGoesOnOverBothEdges() {
        assertThat(next("*/30 * * * *", "Europe/Berlin", "2026-03-29T00:29:00Z", 3))
                .containsExactly("2026-03-29T01:30+01:00", "2026-03-29T03:00+02:00", "2026-03-29T03:30+02:00");
        assertThat(next("0 * * * *", "Europe/Berlin", "2026-10-24T23:59:00Z", 3))
                .containsExactly("2026-10-25T02:00+02:00", "2026-10-25T02:00+01:00", "2026-10-25T03:00+01:00");
        assertThat(next("every 45m", "Europe/Berlin", "2026-10-24T23:30:00Z", 2))
                .containsExactly("2026-10-25T02:15+02:00", "2026-10-25T02:00+01:00");
    }

    @Test
    void bothDaysRestrictedMeansEitherAsInVixieCron() {
        assertThat(next("0 0 13 * FRI", "UTC", "2026-11-01T00:00:00Z", 4))
                .containsExactly("2026-11-06T00:00Z", "2026-11-13T00:00Z", "2026-11-20T00:00Z", "2026-11-27T00:00Z");
        assertThat(next("0 0 */2 * MON", "UTC", "2026-11-01T00:00:00Z", 2))
                .containsExactly("2026-11-09T00:00Z", "2026-11-23T00:00Z");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0 0 L 2 *|2028-02-01T00:00:00Z|2028-02-29T00:00Z",
                "0 0 L-2 * *|2026-11-01T00:00:00Z|2026-11-28T00:00Z",
                "0 0 15W * *|2026-11-01T00:00:00Z|2026-11-16T00:00Z",
                "0 0 1W 8 *|2026-07-01T00:00:00Z|2026-08-03T00:00Z",
                "0 0 LW 1 *|2027-01-01T00:00:00Z|2027-01-29T00:00Z",
                "0 0 * * 5L|2026-11-01T00:00:00Z|2026-11-27T00:00Z",
                "0 0 ? * mon#2|2026-11-01T00:00:00Z|2026-11-09T00:00Z",
                "0 0 * * 7|2026-11-02T00:00:00Z|2026-11-08T00:00Z",
                "15 30 7 * * *|2026-11-01T00:00:00Z|2026-11-01T07:30:15Z",
                "0 0 29 2 *|2026-11-01T00:00:00Z|2028-02-29T00:00Z",
                "0 0 * 2 MON#5|2026-11-01T00:00:00Z|2044-02-29T00:00Z",
                "*/7 * * * *|2026-11-01T00:56:00Z|2026-11-01T01:00Z",
                "*/7 * * * *|2026-11-01T00:00:00Z|2026-11-01T00:07Z",
                "0 9 * * MON-FRI|2026-11-06T09:00:00Z|2026-11-09T09:00Z",
                "0 9 * * mOn-fRi|2026-11-06T09:00:00Z|2026-11-09T09:00Z",
                "0 9 * jAn Mon|2026-11-06T09:00:00Z|2027-01-04T09:00Z",
                "0 9 * * 5#3|2026-11-01T00:00:00Z|2026-11-20T09:00Z",
                "0 9 * * FRI#3|2026-11-01T00:00:00Z|2026-11-20T09:00Z",
                "0 9 * * FRIL|2026-11-01T00:00:00Z|2026-11-27T09:00Z",
                "0 9 LW * *|2026-11-01T00:00:00Z|2026-11-30T09:00Z",
                "0 9 LW * *|2027-01-01T00:00:00Z|2027-01-29T09:00Z",
                "0 9 15W * ?|2026-11-01T00:00:00Z|2026-11-16T09:00Z",
                "0 9 31W * *|2026-11-01T00:00:00Z|2026-12-31T09:00Z",
                "0 9 L-1W * *|2026-11-01T00:00:00Z|2026-11-30T09:00Z",
                "0 9 1,15,L * *|2026-11-15T09:00:00Z|2026-11-30T09:00Z",
                "0 0 12 ? * MON-FRI|2026-11-06T12:00:00Z|2026-11-09T12:00Z",
                "*/10 * * * * *|2026-11-01T00:00:55Z|2026-11-01T00:01Z",
                "0 22-23,0-2 * * *|2026-11-01T23:00:00Z|2026-11-02T00:00Z",
                "0 0 * * SAT-SUN|2026-11-07T00:00:00Z|2026-11-08T00:00Z",
                "0 0 * * 6-7|2026-11-07T00:00:00Z|2026-11-08T00:00Z",
                "0 0 * * 0-7|2026-11-07T00:00:00Z|2026-11-08T00:00Z",
                "00 07 * * *|2026-11-01T00:00:00Z|2026-11-01T07:00Z",
                "  0   7\t*  *   *  |2026-11-01T00:00:00Z|2026-11-01T07:00Z",
                "@Daily|2026-11-01T00:00:00Z|2026-11-02T00:00Z",
                "@monthly|2026-11-01T00:00:00Z|2026-12-01T00:00Z",
                "@hourly|2026-11-01T00:00:00Z|2026-11-01T01:00Z",
                "Every 1d12h|2026-11-01T00:00:00Z|2026-11-02T12:00Z",
                "5/20 8-9 * * *|2026-11-01T08:30:00Z|2026-11-01T08:45Z",
                "@yearly|2026-11-01T00:00:00Z|2027-01-01T00:00Z",
                "@weekly|2026-11-02T00:00:00Z|2026-11-08T00:00Z",
                "@every 1h30m|2026-11-01T00:00:00Z|2026-11-01T01:30Z",
                "every 10 minutes|2026-11-01T00:00:00Z|2026-11-01T00:10Z",
                "at 2026-12-01T09:00|2026-11-01T00:00:00Z|2026-12-01T09:00Z",
                "at 2026-12-01 09:00+02:00|2026-11-01T00:00:00Z|2026-12-01T07:00Z",
            })
    void knowsEveryForm(String schedule, String after, String slot) {
        assertThat(next(schedule, "UTC", after, 1)).containsExactly(slot);
    }

    @Test
    void oneMomentIsOneSlot() {
        assertThat(next("at 2026-12-01T09:00", "Europe/Helsinki", "2026-11-01T00:00:00Z", 5))
                .containsExactly("2026-12-01T09:00+02:00");
        assertThat(next("@reboot", "UTC", "2026-11-01T00:00:00Z", 5)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "60 * * * *|column 1: 60 is no minute; it is 0 to 59",
                "0 24 * * *|column 3: 24 is no hour; it is 0 to 23",
                "0 0 0 * *|column 5: 0 is no day of the month; it is 1 to 31",
                "0 0 1 foo *|column 7: FOO is no month; it is 1 to 12 or JAN to DEC",
                "0 0 * * 8|column 9: 8 is no weekday; it is 0 to 7 or SUN to SAT",
                "0 0 * *|column 7: a cron expression has 5 fields",
                "0 0 0 * * * 2026|column 13: a cron expression has 5 fields",
                "1,,2 * * * *|column 3: a minute is missing beside the comma",
                "10-5 * * * *|column 1: 10-5 runs backwards; write 10-59,0-5",
                "0 22-2 * * *|column 3: 22-2 runs backwards; write 22-23,0-2",
                "0 0 * * FRI-MON|column 9: FRI-MON runs backwards; write FRI-6,0-MON",
                "0 0 * NOV-FEB *|column 7: NOV-FEB runs backwards; write NOV-12,1-FEB",
                "0 0 * 11-1 *|column 7: 11-1 runs backwards; write 11-12,1",
                "H * * * *|column 1: H is no minute",
                "-5 * * * *|column 1: a minute is missing here",
                "5- * * * *|column 3: a minute is missing here",
                "1.5 * * * *|column 1: 1.5 is no minute",
                "*/ * * * *|column 3: a step such as /5",
                "*/5/2 * * * *|column 3: a step such as /5",
                "* * W * *|column 5: W is no day of the month",
                "0 0 * * MON#0|column 13: a month has a weekday 1 to 5 times",
                "0 0 * * 1W|column 9: W is near a day of the month",
                "0 0 12 1/1 * ? *|column 16: a cron expression has 5 fields",
                "@every|column 7: a time such as 45s",
                "* * * * * * * * * *|column 13: a cron expression has 5 fields",
                "*/0 * * * *|column 3: a step such as /5 stands after the slash",
                "*/90 * * * *|column 3: a step of 90 passes over all values",
                "? * * * *|column 1: ? stands only for a day",
                "0 0 30 2 *|column 5: this never comes",
                "0 0 31 4,6,9,11 *|column 5: this never comes",
                "0 0 * * L|column 9: L needs a weekday before it",
                "0 0 * * MON#6|column 13: a month has a weekday 1 to 5 times",
                "0 0 MON#1 * *|column 5: # counts weekdays",
                "0 0 L-31 * *|column 7: L-31 is in no month",
                "@fortnightly|column 1: there is no @fortnightly",
                "@daily 5|column 8: nothing stands after @daily",
                "every|column 6: a time such as 45s",
                "every 0s|column 7: every stands for 1 second to 3660 days",
                "every ten minutes|column 7: a time such as 45s",
                "at noon|column 4: a moment such as 2026-12-01T09:00",
                "at 2026-02-30T09:00|column 4: there is no such day or time",
                "99999999999 * * * *|column 1: 99999999999 is no minute",
                "'   '|says nothing",
            })
    void saysWhereItIsWrongAndWhatWouldBeRight(String schedule, String problem) {
        assertThatThrownBy(() -> Schedule.parse(schedule))
                .isInstanceOfSatisfying(
                        KoshiException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_PARAMS))
                .hasMessageContaining(problem);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0 22-2 * * *|0 22-23,0-2 * * *",
                "0 0 * * FRI-MON|0 0 * * FRI-6,0-MON",
                "0 0 1 NOV-FEB *|0 0 1 NOV-12,1-FEB *",
                "50-10/5 * * * *|50-59/5,0-10/5 * * * *"
            })
    void whatItAdvisesForABackwardsRangeIsRight(String wrong, String advised) {
        assertThatThrownBy(() -> Schedule.parse(wrong)).hasMessageContaining("runs backwards");
        assertThat(next(advised, "UTC", "2026-11-01T00:00:00Z", 1)).hasSize(1);
    }

    @Test
    void refusesWhatIsTooLong() {
        assertThatThrownBy(() -> Schedule.parse("1,".repeat(1000) + "1 * * * *"))
                .hasMessageContaining("at most 500");
    }

    @Test
    void activeHoursReachOverMidnight() {
        ActiveHours night = ActiveHours.parse("22:00-06:30");
        ZoneId zone = ZoneId.of("Europe/Helsinki");
        Schedule half = Schedule.parse("*/30 * * * *");
        Instant morning = Instant.parse("2026-11-21T04:00:00Z"); // 06:00 there
        assertThat(night.next(half, zone, morning)).contains(Instant.parse("2026-11-21T20:00:00Z"));
        assertThat(night.next(half, zone, morning.minusSeconds(1))).contains(morning);
        assertThatThrownBy(() -> ActiveHours.parse("22:00")).hasMessageContaining("08:00-22:00");
        assertThatThrownBy(() -> ActiveHours.parse("08:00-08:00")).hasMessageContaining("08:00-22:00");
    }
}
