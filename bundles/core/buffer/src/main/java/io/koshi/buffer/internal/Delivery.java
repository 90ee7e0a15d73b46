package io.koshi.buffer.internal;

import io.koshi.api.Batch;
import io.koshi.api.Entry;
import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Loop;
import io.koshi.api.Pools;
import io.koshi.api.Ulid;
import io.koshi.buffer.Buffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes batches of what is due and brings them to the sink, again where it fails. Thread-safe. */
final class Delivery implements AutoCloseable {
    /** Tries of a batch before its entries are dead letters. */
    static final int TRIES = 3;

    private static final int LOOPS = 2;
    private static final int CALL_ENTRIES = 1000;
    private static final int MOST_DOUBLINGS = 5;
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Logger LOG = LoggerFactory.getLogger(Delivery.class);

    private final Waiting waiting;
    private final Entries entries;
    private final DeadLetters dead;
    private final Buffer.Sink sink;
    private final Duration backoff;
    private final Map<Long, Instant> batched;
    private final List<Loop> loops = new ArrayList<>();

    /**
     * @param batched is told when the batch of an entry was made, while it is under way
     * @param backoff before the second try; doubles with each
     */
    Delivery(
            Waiting waiting,
            Entries entries,
            DeadLetters dead,
            Map<Long, Instant> batched,
            Buffer.Sink sink,
            Pools pools,
            Duration backoff) {
        this.waiting = waiting;
        this.entries = entries;
        this.dead = dead;
        this.batched = batched;
        this.sink = sink;
        this.backoff = backoff;
        waiting.open();
        for (int i = 1; i <= LOOPS; i++) {
            loops.add(pools.loop("buffer-delivery-" + i, this::run));
        }
    }

    /** Takes no more, waits until the sink has returned, then ends. */
    @Override
    public void close() {
        if (!waiting.close(PATIENCE)) {
            LOG.warn(
                    "The router did not return within {} s; its batches are delivered again at the next start",
                    PATIENCE.toSeconds());
        }
        loops.forEach(Loop::close);
    }

    private void run() throws InterruptedException {
        for (List<Conversation> taken = waiting.take(CALL_ENTRIES);
                !taken.isEmpty();
                taken = waiting.take(CALL_ENTRIES)) {
            deliver(taken);
        }
    }

    private void deliver(List<Conversation> taken) {
        Map<String, Conversation> fresh = new ConcurrentHashMap<>();
        List<Batch> batches = new ArrayList<>(taken.size());
        Instant now = Instant.now();
        for (Conversation conversation : taken) {
            Batch batch;
            try {
                batch = batch(conversation, now);
            } catch (KoshiException e) {
                again(conversation, e);
                continue;
            }
            if (batch == null) {
                waiting.settled(conversation);
            } else if (conversation.backoffs > 0) {
                route(List.of(batch), Map.of(batch.id(), conversation)); // alone: it may be what breaks a call
            } else {
                batches.add(batch);
                fresh.put(batch.id(), conversation);
            }
        }
        if (!batches.isEmpty()) {
            route(batches, fresh);
        }
    }

    /** Null when nothing of it is left to deliver. */
    private Batch batch(Conversation conversation, Instant now) {
        List<Entry> list = new ArrayList<>(conversation.inFlight.size());
        for (Item item : conversation.inFlight) {
            if (item.message() != null) {
                list.add(new Entry(item.id(), item.entry(), item.message(), Instant.ofEpochMilli(item.receivedAt())));
                batched.put(item.entry(), now);
            } else {
                Entry read = read(item);
                if (read != null) {
                    list.add(read);
                    batched.put(item.entry(), now);
                }
            }
        }
        return list.isEmpty() ? null : new Batch(Ulid.next(), conversation.from, list);
    }

    /** An entry whose message is on disk alone; one that cannot be read is a dead letter. */
    private Entry read(Item item) {
        try {
            return entries.find(item.entry()).orElse(null);
        } catch (KoshiException e) {
            if (e.code() == ErrorCode.SERVICE_UNAVAILABLE || e.code() == ErrorCode.OVERLOADED) {
                throw e;
            }
            LOG.error("Message {} cannot be read back: {}", item.id(), e.getMessage());
            dead.bury(List.of(item), new KoshiException(ErrorCode.INTERNAL, "cannot be read back", e), 1);
            return null;
        }
    }

    private void route(List<Batch> batches, Map<String, Conversation> conversations) {
        Map<String, KoshiException> left = Map.of();
        KoshiException all = null;
        try {
            sink.route(batches);
        } catch (Buffer.Unrouted some) {
            left = some.reasons();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            all = new KoshiException(ErrorCode.SERVICE_UNAVAILABLE, "the hub is stopping", e);
        } catch (Exception | LinkageError | StackOverflowError e) {
            all = reason(e);
        }
        for (Batch batch : batches) {
            Conversation conversation = conversations.get(batch.id());
            conversation.inFlight.forEach(item -> batched.remove(item.entry()));
            KoshiException why = all != null ? all : left.get(batch.id());
            if (why == null) {
                waiting.settled(conversation);
            } else {
                again(conversation, why);
            }
        }
    }

    private void again(Conversation conversation, KoshiException why) {
        List<Item> items = stillUnrouted(conversation.inFlight);
        boolean counts = why.code() != ErrorCode.SERVICE_UNAVAILABLE;
        int tries = counts ? conversation.tries + 1 : conversation.tries;
        if (tries >= TRIES && !items.isEmpty() && dead.bury(items, why, tries)) {
            items = List.of();
        }
        if (!items.isEmpty()) {
            LOG.warn(
                    "A batch of {} from {} was not routed ({}) and is tried again",
                    items.size(),
                    conversation.from.channel(),
                    why.getMessage());
        }
        conversation.tries = tries;
        waiting.failed(conversation, items, pause(conversation.backoffs));
        // after this line the conversation may be in another thread's hands
    }

    /** What the sink had put on disk before it failed is not delivered again. */
    private List<Item> stillUnrouted(List<Item> items) {
        try {
            List<Long> open = entries.stillUnrouted(items);
            return items.stream().filter(item -> open.contains(item.entry())).toList();
        } catch (KoshiException e) {
            return List.copyOf(items);
        }
    }

    private Duration pause(int before) {
        long millis = backoff.toMillis() << Math.min(before, MOST_DOUBLINGS);
        return Duration.ofMillis(
                millis - millis / 5 + ThreadLocalRandom.current().nextLong(millis / 2 + 1));
    }

    private static KoshiException reason(Throwable failure) {
        return failure instanceof KoshiException known
                ? known
                : new KoshiException(ErrorCode.INTERNAL, "routing failed: " + failure, failure);
    }
}
