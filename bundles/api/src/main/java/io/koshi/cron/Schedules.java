package io.koshi.cron;

import io.koshi.api.KoshiException;
import org.osgi.annotation.versioning.ProviderType;

/** Reads a schedule, for jobs and for whatever else happens at times that a person names. Thread-safe. */
@ProviderType
public interface Schedules {
    /**
     * Reads {@code 30 7 * * *}, {@code @daily}, {@code every 2h30m} (counted from 1970), {@code at 2026-12-01T09:00}.
     *
     * @throws KoshiException INVALID_PARAMS at {@code /schedule} with the column and what would be right
     */
    Times read(String text);
}
