package io.koshi.cron.internal;

import io.koshi.api.KoshiException;
import io.koshi.api.Nearest;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.Locale;
import java.util.Optional;

/** Finds the zone a person may have meant. */
final class Zones {
    private Zones() {}

    /**
     * The zone of this name, the machine's where none is given.
     *
     * @throws KoshiException INVALID_PARAMS at {@code /timezone}, with the zone that may have been meant
     */
    static ZoneId of(Optional<String> name) {
        try {
            return name.map(ZoneId::of).orElseGet(ZoneId::systemDefault);
        } catch (DateTimeException e) {
            throw KoshiException.invalid("/timezone", "there is no zone " + name.get() + hint(name.get()));
        }
    }

    /** The end of a sentence that names a near zone. */
    private static String hint(String wrong) {
        String city = city(wrong);
        Optional<String> same = ZoneId.getAvailableZoneIds().stream()
                .filter(id -> city(id).equals(city))
                .sorted()
                .findFirst();
        return same.or(() -> Nearest.to(wrong, ZoneId.getAvailableZoneIds()))
                .map(id -> "; did you mean " + id + "?")
                .orElse("; zones are called Europe/Helsinki, America/New_York or UTC");
    }

    private static String city(String id) {
        return id.substring(id.lastIndexOf('/') + 1).toLowerCase(Locale.ROOT).replace(' ', '_');
    }
}
