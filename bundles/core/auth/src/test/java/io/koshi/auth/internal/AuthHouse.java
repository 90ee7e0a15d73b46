package io.koshi.auth.internal;

import io.koshi.testkit.room.Room;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** A real store in a home of the test's, settings it writes, threads that end with it and a clock it moves. */
final class AuthHouse extends Room implements InstantSource {
    private volatile Instant now = Instant.parse("2025-01-31T12:00:00Z");

    AuthHouse(Path home) {
        super(home);
    }

    /** The auth room, as after a start of the hub. */
    TokenAuth open() {
        return new TokenAuth(this, sqlite, pools, this, "koshi");
    }

    void pass(Duration time) {
        now = now.plus(time);
    }

    @Override
    public Instant instant() {
        return now;
    }
}
