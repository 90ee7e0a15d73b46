package io.koshi.channel.autotest;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Pools;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** The newest replies, and those who wait for one. Thread-safe. */
final class Replies {
    private static final int MOST_WAITING = 1000;

    private final Pools pools;
    private final int most;

    // guarded by this
    private final Map<String, Response> kept = new LinkedHashMap<>();
    private final Set<String> unseen = new LinkedHashSet<>();
    private final List<Waiting> waiting = new ArrayList<>();

    /** @param most replies that are kept */
    Replies(Pools pools, int most) {
        this.pools = pools;
        this.most = most;
    }

    private record Waiting(
            Optional<String> message, Optional<String> conversation, CompletableFuture<Response> answer) {}

    /** Another attempt of a reply that is here replaces it; who waited for it has it already. */
    void add(Response reply) {
        CompletableFuture<Response> told = null;
        synchronized (this) {
            if (kept.put(reply.id(), reply) != null) {
                return;
            }
            if (kept.size() > most) {
                String oldest = kept.keySet().iterator().next();
                kept.remove(oldest);
                unseen.remove(oldest);
            }
            for (Iterator<Waiting> each = waiting.iterator(); each.hasNext() && told == null; ) {
                Waiting one = each.next();
                if (reply.fits(one.message(), one.conversation())) {
                    each.remove();
                    told = one.answer();
                }
            }
            if (told == null) {
                unseen.add(reply.id());
            }
        }
        if (told != null) {
            told.complete(reply);
        }
    }

    synchronized List<Response> list(Optional<String> conversation) {
        return kept.values().stream()
                .filter(reply -> reply.fits(Optional.empty(), conversation))
                .toList();
    }

    /**
     * The reply to a message, or the oldest that was not given to anybody.
     *
     * @return fails with TIMEOUT when none comes in time, OVERLOADED when too many wait
     */
    CompletableFuture<Response> next(Optional<String> message, Optional<String> conversation, Duration timeout) {
        CompletableFuture<Response> answer = new CompletableFuture<>();
        synchronized (this) {
            Optional<Response> here = kept.values().stream()
                    .filter(reply -> message.isPresent() || unseen.contains(reply.id()))
                    .filter(reply -> reply.fits(message, conversation))
                    .findFirst();
            if (here.isPresent()) {
                unseen.remove(here.get().id());
                answer.complete(here.get());
                return answer;
            }
            if (waiting.size() >= MOST_WAITING) {
                throw KoshiException.overloaded(
                        MOST_WAITING + " callers wait for replies already", Duration.ofSeconds(1));
            }
            waiting.add(new Waiting(message, conversation, answer));
        }
        Future<?> alarm = pools.timer().schedule(() -> giveUp(answer), timeout.toMillis(), TimeUnit.MILLISECONDS);
        answer.whenComplete((reply, failure) -> alarm.cancel(false));
        return answer;
    }

    private void giveUp(CompletableFuture<Response> answer) {
        synchronized (this) {
            waiting.removeIf(one -> one.answer() == answer);
        }
        pools.work()
                .execute(() -> answer.completeExceptionally(
                        new KoshiException(ErrorCode.TIMEOUT, "no such reply came in time; 'koshi trace' says why")));
    }

    /** Tells those who wait that nothing will come. */
    void close() {
        List<Waiting> left;
        synchronized (this) {
            left = List.copyOf(waiting);
            waiting.clear();
        }
        left.forEach(one -> one.answer()
                .completeExceptionally(
                        new KoshiException(ErrorCode.SERVICE_UNAVAILABLE, "the autotest channel is being removed")));
    }
}
