package io.koshi.store;

import java.time.Instant;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/** The current row of a result, by column name. */
@ProviderType
public interface Row {
    /** Null where the column is. */
    String text(String column);

    Optional<String> optional(String column);

    /** 0 where the column is null. */
    long number(String column);

    /** 0 where the column is null. */
    double real(String column);

    boolean flag(String column);

    /** Null where the column is. */
    byte[] bytes(String column);

    /** Null where the column is; written as milliseconds since the epoch. */
    Instant instant(String column);

    boolean isNull(String column);
}
