package io.koshi.mcp.internal;

import io.koshi.api.Pools;
import io.koshi.codec.Codec;
import io.koshi.event.Event;
import io.koshi.event.Events;
import io.koshi.event.Subscription;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Says how far a call is (modelcontextprotocol.io, 2025-06-18, "Progress"): of a run what its model says and which tools
 * it uses, of any other call every few seconds that it is still on. The number only ever grows. Thread-safe.
 */
final class Progress implements AutoCloseable {
    private static final List<String> TOPICS =
            List.of("run.started", "run.delta", "run.tool", "run.failed", "approval.requested");
    private static final int MOST_WORDS = 2000;

    /**
     * How often there is something to say.
     *
     * @param words may gather for this long
     * @param silence after which it is said that the call is still on
     */
    record Pace(Duration words, Duration silence) {
        static final Pace USUAL = new Pace(Duration.ofMillis(500), Duration.ofSeconds(5));
    }

    private final Codec codec;
    private final Pace pace;
    private final Object token;
    private final Consumer<byte[]> sink;
    private final long began = System.nanoTime();
    private final Optional<String> runId;
    private final Optional<Subscription> subscription;
    private final Future<?> ticks;

    private final StringBuilder words = new StringBuilder(); // guarded by this
    private long number;
    private long saidAt = began;
    private boolean over;

    /**
     * @param token by which the client knows its request
     * @param runId of the run that the call is, where it is one; it begins after this
     * @param sink given each notification; must not wait
     */
    Progress(
            Events events,
            Codec codec,
            Pools pools,
            Pace pace,
            Object token,
            Optional<String> runId,
            Consumer<byte[]> sink) {
        this.codec = codec;
        this.pace = pace;
        this.token = token;
        this.sink = sink;
        this.runId = runId;
        this.subscription = runId.map(id -> events.subscribe(TOPICS, -1, this::happened));
        this.ticks = pools.timer()
                .scheduleWithFixedDelay(
                        this::tick, pace.words().toMillis(), pace.words().toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Nothing is said after this. */
    @Override
    public void close() {
        synchronized (this) {
            over = true;
        }
        ticks.cancel(false);
        subscription.ifPresent(Subscription::close);
    }

    private void happened(Event event) {
        if (codec.toData(event.payload()) instanceof Map<?, ?> payload
                && runId.orElseThrow().equals(payload.get("runId"))) {
            switch (event.topic()) {
                case "run.started" -> say(payload.get("model") + " begins, attempt " + payload.get("attempt"));
                case "run.delta" -> hear(String.valueOf(payload.get("delta")));
                case "run.tool" -> say("tool " + payload.get("name") + ": " + payload.get("phase"));
                case "run.failed" -> say("attempt " + payload.get("attempt") + " failed");
                case "approval.requested" ->
                    say("waits for approval " + payload.get("id") + " of " + payload.get("tool"));
                default -> {} // a gap: what was missed is in the answer
            }
        }
    }

    /** Words come faster than a client cares to be told. */
    private synchronized void hear(String delta) {
        words.append(delta);
        if (words.length() > MOST_WORDS) {
            int from = words.length() - MOST_WORDS;
            words.delete(0, Character.isLowSurrogate(words.charAt(from)) ? from + 1 : from);
        }
    }

    private synchronized void tick() {
        if (words.length() > 0) {
            flush();
        } else if (System.nanoTime() - saidAt >= pace.silence().toNanos()) {
            say("still at it after " + (System.nanoTime() - began) / 1_000_000_000L + " s");
        }
    }

    private synchronized void say(String message) {
        flush();
        tell(message);
    }

    private void flush() {
        if (words.length() > 0) {
            String said = words.toString();
            words.setLength(0);
            tell(said);
        }
    }

    private void tell(String message) {
        if (over) {
            return;
        }
        Map<String, Object> params = new LinkedHashMap<>();
        params.put("progressToken", token);
        params.put("progress", ++number);
        params.put("message", message);
        Map<String, Object> notice = new LinkedHashMap<>();
        notice.put("jsonrpc", "2.0");
        notice.put("method", "notifications/progress");
        notice.put("params", params);
        saidAt = System.nanoTime();
        sink.accept(codec.json(notice));
    }
}
