package io.koshi.buffer.internal;

import io.koshi.api.Accepted;
import io.koshi.api.Cursor;
import io.koshi.api.KoshiException;
import io.koshi.api.Message;
import io.koshi.api.Part;
import io.koshi.api.Ulid;
import io.koshi.config.Settings;
import io.koshi.event.Events;
import io.koshi.store.Store;
import io.koshi.store.Tx;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;

/** Takes messages in: checks whether there is room, writes, and after the commit hands them on. Thread-safe. */
final class Intake {
    private static final int SHOWN = 2000;
    private static final int ROW_BYTES = 512;
    private static final Duration WAIT = Duration.ofSeconds(1);
    private static final Duration LONG_WAIT = Duration.ofSeconds(30);

    private final Store store;
    private final Entries entries;
    private final MessageForm form;
    private final Waiting waiting;
    private final Events events;
    private final Settings settings;
    private final long mostBytes;
    private final AtomicLong underWay = new AtomicLong();
    private volatile boolean draining;

    /** @param mostBytes of messages whose commits are waited for */
    Intake(
            Store store,
            Entries entries,
            MessageForm form,
            Waiting waiting,
            Events events,
            Settings settings,
            long mostBytes) {
        this.store = store;
        this.entries = entries;
        this.form = form;
        this.waiting = waiting;
        this.events = events;
        this.settings = settings;
        this.mostBytes = mostBytes;
    }

    /** Payload of {@code message.received}; its text is cut at {@value #SHOWN} characters. */
    record Received(
            String id,
            String channel,
            String conversation,
            String userId,
            String sessionKey,
            String type,
            String content,
            String text,
            Optional<String> externalId,
            int priority,
            String trust,
            Instant at,
            Map<String, Object> metadata) {}

    void drain() {
        draining = true;
    }

    Accepted accept(Message message) {
        admit(message);
        Entries.New one = prepare(message);
        long bytes = reserve(one.columns().size());
        try {
            return store.writeNow(tx -> insert(tx, one));
        } finally {
            underWay.addAndGet(-bytes);
        }
    }

    CompletionStage<Accepted> acceptAsync(Message message) {
        try {
            admit(message);
            Entries.New one = prepare(message);
            long bytes = reserve(one.columns().size());
            return store.writeHere(tx -> insert(tx, one)).whenComplete((done, failed) -> underWay.addAndGet(-bytes));
        } catch (KoshiException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    List<Accepted> accept(List<Message> messages, Cursor cursor) {
        List<Entries.New> all = new ArrayList<>(messages.size());
        long size = 0;
        for (Message message : messages) {
            admit(message);
            Entries.New one = prepare(message);
            all.add(one);
            size += one.columns().size();
        }
        long bytes = reserve(size);
        try {
            return store.writeNow(tx -> {
                List<Accepted> answers = new ArrayList<>(all.size());
                all.forEach(one -> answers.add(insert(tx, one)));
                if (cursor != null) {
                    entries.moveCursor(tx, cursor);
                }
                return answers;
            });
        } finally {
            underWay.addAndGet(-bytes);
        }
    }

    private void admit(Message message) {
        if (draining) {
            throw KoshiException.overloaded("the hub is draining for a stop; send it again later", LONG_WAIT);
        }
        if (message.priority() >= Message.WEBHOOK && store.diskShort()) {
            throw KoshiException.overloaded(
                    "the hub's disk is short of space and takes only messages of persons; send it again later",
                    LONG_WAIT);
        }
    }

    private Entries.New prepare(Message message) {
        return new Entries.New(Ulid.next(), message, form.write(message), Instant.now());
    }

    private long reserve(long bytes) {
        if (underWay.addAndGet(bytes) > mostBytes && underWay.get() > bytes) {
            underWay.addAndGet(-bytes);
            throw KoshiException.overloaded("too many messages wait to be written; send it again later", WAIT);
        }
        return bytes;
    }

    private Accepted insert(Tx tx, Entries.New one) {
        Accepted accepted = entries.insert(tx, one);
        if (!accepted.duplicate()) {
            tx.afterCommit(() -> committed(one, accepted.entry()));
        }
        return accepted;
    }

    private void committed(Entries.New one, long entry) {
        Message message = one.message();
        waiting.accepted(new Item(
                entry,
                one.id(),
                message.from(),
                message.priority(),
                one.receivedAt().toEpochMilli(),
                message,
                one.columns().size() + ROW_BYTES,
                false));
        String text = message.text();
        boolean cut = text.length() > SHOWN;
        String shown = cut ? text.substring(0, SHOWN) : text;
        events.publish(
                "buffer",
                "message.received",
                new Received(
                        one.id(),
                        message.from().channel(),
                        message.from().conversation(),
                        message.sender(),
                        settings.config().sessions().policy().keyOf(message.from(), message.sender()),
                        type(message),
                        shown,
                        shown,
                        message.externalId(),
                        message.priority(),
                        message.trust().name().toLowerCase(Locale.ROOT),
                        message.at(),
                        cut ? Map.of("entry", entry, "cut", true) : Map.of("entry", entry)));
    }

    /** {@code text}, or the media type of the first blob. */
    private static String type(Message message) {
        for (Part part : message.parts()) {
            if (part instanceof Part.Blob blob) {
                return blob.mediaType();
            }
        }
        return "text";
    }
}
