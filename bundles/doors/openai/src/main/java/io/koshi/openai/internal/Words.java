package io.koshi.openai.internal;

import io.koshi.codec.Codec;
import io.koshi.event.Event;
import io.koshi.event.Events;
import io.koshi.event.Subscription;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** The words of one run while they are made, whoever else speaks in its session. Thread-safe. */
final class Words implements AutoCloseable {
    private final Codec codec;
    private final String runId;
    private final Consumer<String> sink;
    private final StringBuilder heard = new StringBuilder(); // guarded by this
    private final Subscription subscription;
    private boolean begun;
    private boolean again;
    private boolean closed;

    /**
     * @param runId of the run, which begins after this
     * @param sink given each piece of text; must not wait
     */
    Words(Events events, Codec codec, String runId, Consumer<String> sink) {
        this.codec = codec;
        this.runId = runId;
        this.sink = sink;
        this.subscription = events.subscribe(List.of("run.started", "run.delta"), -1, this::happened);
    }

    /** Brings what the run said and was not brought yet. */
    synchronized void finish(String response) {
        closed = true;
        String said = heard.toString();
        if (response.startsWith(said)) {
            bring(response.substring(said.length()));
        } else if (!said.endsWith(response)) {
            bring("\n\n" + response);
        }
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        subscription.close();
    }

    private synchronized void happened(Event event) {
        if (closed
                || !(codec.toData(event.payload()) instanceof Map<?, ?> payload)
                || !runId.equals(payload.get("runId"))) {
            return;
        }
        if (event.topic().equals("run.started")) {
            again = begun; // another attempt: its words begin anew, and what was said stays said
            begun = true;
        } else if (!again && payload.get("delta") instanceof String text) {
            heard.append(text);
            bring(text);
        }
    }

    private void bring(String text) {
        if (!text.isEmpty()) {
            sink.accept(text);
        }
    }
}
