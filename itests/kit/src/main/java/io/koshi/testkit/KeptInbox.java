package io.koshi.testkit;

import io.koshi.api.Accepted;
import io.koshi.api.Cursor;
import io.koshi.api.Inbox;
import io.koshi.api.KoshiException;
import io.koshi.api.Message;
import io.koshi.api.Ulid;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** An inbox in memory with the promise of the real one: one message per channel and external id. */
public final class KeptInbox implements Inbox {
    public final List<Message> messages = new CopyOnWriteArrayList<>();
    /** Thrown at whoever brings a message; null for none. */
    public volatile KoshiException refusal;

    private final Map<String, Accepted> known = new ConcurrentHashMap<>();

    @Override
    public Accepted accept(Message message) {
        if (refusal != null) {
            throw refusal;
        }
        boolean[] first = {false};
        String key = message.from().channel() + " " + message.externalId().orElseGet(Ulid::next);
        Accepted kept = known.computeIfAbsent(key, k -> {
            first[0] = true;
            messages.add(message);
            return new Accepted(Ulid.next(), messages.size(), false);
        });
        return first[0] ? kept : new Accepted(kept.id(), kept.entry(), true);
    }

    @Override
    public List<Accepted> accept(List<Message> messages, Cursor cursor) {
        return messages.stream().map(this::accept).toList();
    }

    @Override
    public CompletionStage<Accepted> acceptAsync(Message message) {
        return CompletableFuture.supplyAsync(() -> accept(message));
    }

    @Override
    public Optional<String> cursor(String channel, String name) {
        return Optional.empty();
    }
}
