package io.koshi.cron.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReminderTest {
    private static final ZoneId HELSINKI = ZoneId.of("Europe/Helsinki");

    /** A Saturday, 14:00 in Helsinki. */
    private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "in 10 minutes water the plants|2026-11-21T12:10:00Z|water the plants",
                "in 1 hour and 30 min to call Ann|2026-11-21T13:30:00Z|call Ann",
                "In 2h30m: Tea|2026-11-21T14:30:00Z|Tea",
                "in an hour and a half tea|2026-11-21T13:30:00Z|tea",
                "me in half an hour to stretch|2026-11-21T12:30:00Z|stretch",
                "in ten minutes tea|2026-11-21T12:10:00Z|tea",
                "Me at noon: eat|2026-11-22T10:00:00Z|eat",
                "tomorrow at noon to eat|2026-11-22T10:00:00Z|eat",
                "tonight at 8pm film|2026-11-21T18:00:00Z|film",
                "at midnight toast|2026-11-21T22:00:00Z|toast",
                "every two hours drink|2026-11-21T14:00:00Z|drink",
                "in 3 days that it is over|2026-11-24T12:00:00Z|it is over",
                "at 17:30 leave|2026-11-21T15:30:00Z|leave",
                "at 9 wake up|2026-11-22T07:00:00Z|wake up",
                "at 5pm leave|2026-11-21T15:00:00Z|leave",
                "17:30 leave|2026-11-21T15:30:00Z|leave",
                "tomorrow 9:00 stand-up|2026-11-22T07:00:00Z|stand-up",
                "tomorrow at 9 stand-up|2026-11-22T07:00:00Z|stand-up",
                "today at 23:59 sleep|2026-11-21T21:59:00Z|sleep",
                "monday at 9:15 plan|2026-11-23T07:15:00Z|plan",
                "on saturday 9:15 rest|2026-11-28T07:15:00Z|rest",
                "on 2027-03-28 at 3:30 spring|2027-03-28T01:00:00Z|spring",
                "every monday at 9 stand-up|2026-11-23T07:00:00Z|stand-up",
                "every Mondays 9:30pm, to rest|2026-11-23T19:30:00Z|rest",
                "every weekday at 8 that work begins|2026-11-23T06:00:00Z|work begins",
                "every day at 15 tea|2026-11-21T13:00:00Z|tea",
                "daily at noon eat|2026-11-22T10:00:00Z|eat",
                "every sunday midnight toast|2026-11-21T22:00:00Z|toast",
                "in a fortnight renew it|2026-12-05T12:00:00Z|renew it",
                "every 2h drink|2026-11-21T14:00:00Z|drink",
            })
    void understandsHowPeopleSayIt(String asked, Instant at, String text) {
        Reminder reminder = Reminder.parse(asked, NOW, HELSINKI);
        assertThat(Schedule.parse(reminder.schedule()).from(NOW).next(HELSINKI, NOW))
                .contains(at);
        assertThat(reminder.text()).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "?",
                "water the plants",
                "in umpteen minutes tea",
                "in 10 minutes",
                "at 25:00 x",
                "at 13pm x",
                "on 2026-02-30 at 9 x",
                "tomorrow x",
                "in 0 minutes x",
                "every monday x",
                "every day at 25 x",
                "every someday at 9 x"
            })
    void saysWhatCanBeSaid(String asked) {
        assertThatThrownBy(() -> Reminder.parse(asked, NOW, HELSINKI)).hasMessageContaining("/remind in 10 minutes");
    }

    @Test
    void aMomentTheClockLeapsOverIsTheFirstAfterIt() {
        Instant march = Instant.parse("2027-03-27T12:00:00Z");
        Reminder reminder = Reminder.parse("tomorrow 3:30 spring", march, HELSINKI);
        assertThat(Schedule.parse(reminder.schedule()).next(HELSINKI, march))
                .contains(Instant.parse("2027-03-28T01:00:00Z"));
    }
}
