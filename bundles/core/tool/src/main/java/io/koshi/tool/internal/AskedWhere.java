package io.koshi.tool.internal;

import io.koshi.api.Address;
import io.koshi.api.Part;
import io.koshi.channel.Channels;
import io.koshi.outbox.Outbox;
import io.koshi.session.Sessions;
import io.koshi.store.Tx;
import io.koshi.tool.Approvals.Pending;
import java.util.List;
import java.util.Optional;

/** Puts a request to the person it is for, where they talk. Thread-safe. */
final class AskedWhere {
    /** Who is asked where no conversation gave the work out: a job of the clock, a task of a webhook. */
    private static final Address OWNER = Address.of("console", "main");

    private final Sessions sessions;
    private final Channels channels;
    private final Outbox outbox;
    private final ApprovalWords words;

    AskedWhere(Sessions sessions, Channels channels, Outbox outbox, ApprovalWords words) {
        this.sessions = sessions;
        this.channels = channels;
        this.outbox = outbox;
        this.words = words;
    }

    /** In the commit that keeps the request. */
    void say(Tx tx, Pending pending) {
        Optional<Address> place =
                conversation(pending).or(() -> Optional.of(OWNER).filter(this::isHere));
        place.ifPresent(to -> outbox.enqueue(
                tx,
                to,
                List.of(Part.text(words.question(pending))),
                Optional.empty(),
                Optional.of(pending.request().runId())));
    }

    /** Where the person is for whom the run works; empty for work that no conversation gave out. */
    private Optional<Address> conversation(Pending pending) {
        return sessions.address(pending.request().person()).filter(this::isHere);
    }

    private boolean isHere(Address place) {
        return channels.find(place.channel()).isPresent();
    }

    /** Whether it was put to whoever speaks here. */
    boolean isAskedOf(Pending pending, Address from, String session) {
        return pending.request().person().equals(session)
                || from.equals(OWNER) && conversation(pending).isEmpty();
    }
}
