package io.koshi.cron.internal;

import io.koshi.api.Address;
import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.session.Sessions;
import java.time.Duration;
import java.util.Optional;

/** Makes jobs of what agents and people ask for in a conversation. Confined to one call. */
final class Reminders {
    private Reminders() {}

    /**
     * Where a session talks.
     *
     * @throws KoshiException CONFLICT when nobody has written in it
     */
    static Address here(Sessions sessions, String sessionKey) {
        return sessions.address(sessionKey)
                .orElseThrow(() -> new KoshiException(
                        ErrorCode.CONFLICT,
                        "nobody has written in the session " + sessionKey
                                + ", so nobody can be told there: name a channel"));
    }

    /** A job that says something at its times. */
    static Spec say(String name, String schedule, Optional<String> timezone, Address to, String text) {
        return spec(
                name,
                schedule,
                timezone,
                Optional.empty(),
                Optional.of(new Spec.Notify(to.channel(), to.conversation(), text)));
    }

    /** A job that asks the agent at its times, which answers in a conversation. */
    static Spec ask(String name, String schedule, Optional<String> timezone, Optional<Address> to, String text) {
        Spec.Message message = new Spec.Message(
                text, Optional.empty(), to.map(Address::channel), to.map(Address::conversation), Optional.empty());
        return spec(name, schedule, timezone, Optional.of(message), Optional.empty());
    }

    private static Spec spec(
            String name,
            String schedule,
            Optional<String> timezone,
            Optional<Spec.Message> message,
            Optional<Spec.Notify> notify) {
        return new Spec(
                name,
                Optional.empty(),
                Optional.of(schedule),
                timezone,
                Spec.Missed.ONCE,
                Spec.Concurrency.SKIP,
                Duration.ZERO,
                Optional.empty(),
                true,
                Optional.empty(),
                message,
                notify,
                Optional.empty(),
                Optional.empty());
    }
}
