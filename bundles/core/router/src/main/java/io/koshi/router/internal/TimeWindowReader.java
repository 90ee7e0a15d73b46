package io.koshi.router.internal;

import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.ZoneId;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads {@code time: {from, to, zone, days}} of a rule. */
final class TimeWindowReader {
    private static final Pattern CLOCK = Pattern.compile("([01]?\\d|2[0-4]):([0-5]\\d)");
    private static final Set<String> KEYS = Set.of("from", "to", "zone", "days");

    private final Faults faults;

    TimeWindowReader(Faults faults) {
        this.faults = faults;
    }

    /** Null when it is wrong; the faults say why. */
    TimeWindow read(Object block, String at) {
        if (!(block instanceof Map<?, ?> map) || map.isEmpty()) {
            faults.add(at, "write time: {from: \"22:00\", to: \"07:00\", zone: \"Europe/Helsinki\", days: [mon, fri]}");
            return null;
        }
        int before = faults.problems().size();
        for (Object key : map.keySet()) {
            if (!KEYS.contains(String.valueOf(key))) {
                faults.add(
                        at + Faults.step(String.valueOf(key)),
                        "a time window has from, to, zone and days, not '" + key + "'"
                                + Faults.nearest(String.valueOf(key), KEYS));
            }
        }
        int from = minute(map.get("from"), 0, at + "/from");
        int to = minute(map.get("to"), TimeWindow.DAY, at + "/to");
        if (from == to || from >= TimeWindow.DAY) {
            faults.add(at + "/from", "the window is empty: from and to have to differ");
        }
        ZoneId zone = zone(map.get("zone"), at + "/zone");
        Set<DayOfWeek> days = days(map.get("days"), at + "/days");
        return faults.problems().size() > before ? null : new TimeWindow(from, to, zone, days);
    }

    private int minute(Object clock, int otherwise, String at) {
        if (clock == null) {
            return otherwise;
        }
        // YAML 1.1 reads an unquoted 22:00 as a number of base 60, which is the minute of the day
        if (clock instanceof Number n && n.longValue() >= 0 && n.longValue() <= TimeWindow.DAY) {
            return n.intValue();
        }
        Matcher matcher = CLOCK.matcher(String.valueOf(clock));
        if (matcher.matches()) {
            int minute = Integer.parseInt(matcher.group(1)) * 60 + Integer.parseInt(matcher.group(2));
            if (minute <= TimeWindow.DAY) {
                return minute;
            }
        }
        faults.add(at, "write a time of day as \"07:30\", not '" + clock + "'");
        return otherwise;
    }

    private ZoneId zone(Object name, String at) {
        if (name == null) {
            return ZoneId.systemDefault();
        }
        try {
            return ZoneId.of(String.valueOf(name));
        } catch (DateTimeException e) {
            faults.add(at, "no time zone is called '" + name + "'; write one as Europe/Helsinki or UTC");
            return ZoneId.systemDefault();
        }
    }

    private Set<DayOfWeek> days(Object names, String at) {
        if (names == null) {
            return EnumSet.allOf(DayOfWeek.class);
        }
        List<?> list = names instanceof List<?> l ? l : List.of(names);
        Set<DayOfWeek> days = EnumSet.noneOf(DayOfWeek.class);
        for (Object name : list) {
            String text = String.valueOf(name).toLowerCase(Locale.ROOT);
            boolean known = false;
            for (DayOfWeek day : DayOfWeek.values()) {
                String full = day.name().toLowerCase(Locale.ROOT);
                if (full.equals(text) || full.substring(0, 3).equals(text)) {
                    days.add(day);
                    known = true;
                }
            }
            if (!known) {
                faults.add(at, "no day is called '" + name + "'; write mon, tue, wed, thu, fri, sat or sun");
            }
        }
        if (list.isEmpty()) {
            faults.add(at, "name at least one day");
        }
        return days;
    }
}
