package io.koshi.outbox.internal;

import io.koshi.api.Channel;
import io.koshi.api.ChannelState;
import io.koshi.api.Receipt;
import io.koshi.api.Reply;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A platform that keeps what it is sent and fails as it is told. */
final class FakePlatform implements Channel {
    /** What a reply does besides arriving; what it throws is thrown before it arrives. */
    interface Trouble {
        void happen(Reply reply) throws Exception;
    }

    final List<Reply> arrived = new CopyOnWriteArrayList<>();
    final Queue<Trouble> troubles = new ConcurrentLinkedQueue<>();
    final Map<String, AtomicInteger> inside = new ConcurrentHashMap<>();
    final AtomicInteger mostInside = new AtomicInteger();
    final AtomicInteger mostInsideOne = new AtomicInteger();
    private final AtomicInteger all = new AtomicInteger();
    volatile ChannelState state = ChannelState.connected();

    @Override
    public Receipt send(Reply reply) throws java.io.IOException, InterruptedException {
        AtomicInteger one = inside.computeIfAbsent(reply.to().conversation(), c -> new AtomicInteger());
        mostInsideOne.accumulateAndGet(one.incrementAndGet(), Math::max);
        mostInside.accumulateAndGet(all.incrementAndGet(), Math::max);
        try {
            Trouble trouble = troubles.poll();
            if (trouble != null) {
                trouble.happen(reply);
            }
            arrived.add(reply);
            return Receipt.of("p-" + arrived.size());
        } catch (java.io.IOException | InterruptedException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        } finally {
            all.decrementAndGet();
            one.decrementAndGet();
        }
    }

    List<String> texts() {
        return arrived.stream().map(Reply::text).toList();
    }

    @Override
    public ChannelState state() {
        return state;
    }
}
