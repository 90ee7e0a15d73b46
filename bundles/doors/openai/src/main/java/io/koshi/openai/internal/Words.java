package io.koshi.openai.internal;

import io.koshi.codec.Codec;
import io.koshi.event.Event;
import io.koshi.event.Events;
import io.koshi.event.Subscription;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The words of one run while they are made. Which run of the session it is, is known for sure only at the end: until
 * then it is the first that starts after us, and when that was another's nothing of it is left standing as ours.
 * Thread-safe.
 */
final class Words implements AutoCloseable {
    private final Codec codec;
    private final String sessionKey;
    private final Set<String> others;
    private final Consumer<String> sink;
    private final StringBuilder heard = new StringBuilder(); // guarded by this
    private final Subscription subscription;
    private String followed;
    private boolean again;
    private boolean closed;

    /**
     * @param others runs of the session that were there before us
     * @param sink given each piece of text; must not wait
     */
    Words(Events events, Codec codec, String sessionKey, Set<String> others, Consumer<String> sink) {
        this.codec = codec;
        this.sessionKey = sessionKey;
        this.others = others;
        this.sink = sink;
        this.subscription = events.subscribe(List.of("run.started", "run.delta"), -1, this::happened);
    }

    /**
     * Brings what the run said and was not brought yet.
     *
     * @return false when the words brought so far were another run's
     */
    synchronized boolean finish(String runId, String response) {
        closed = true;
        String said = heard.toString();
        if (!runId.equals(followed) && !said.isEmpty()) {
            return false;
        }
        if (response.startsWith(said)) {
            bring(response.substring(said.length()));
        } else if (!said.endsWith(response)) {
            bring("\n\n" + response);
        }
        return true;
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
                || !sessionKey.equals(payload.get("sessionKey"))
                || !(payload.get("runId") instanceof String runId)
                || others.contains(runId)) {
            return;
        }
        if (event.topic().equals("run.started")) {
            if (followed == null) {
                followed = runId;
            } else if (followed.equals(runId)) {
                again = true; // another attempt: its words begin anew, and what was said stays said
            }
        } else if (runId.equals(followed) && !again && payload.get("delta") instanceof String text) {
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
