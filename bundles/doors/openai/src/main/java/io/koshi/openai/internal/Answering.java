package io.koshi.openai.internal;

import io.koshi.api.Pools;
import io.koshi.api.Ulid;
import io.koshi.auth.Auth;
import io.koshi.codec.Codec;
import io.koshi.event.Events;
import io.koshi.rpc.Caller;
import io.koshi.rpc.Registry;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request that the agent answers: whole or word by word. A run in a session goes on whatever the client does: its
 * answer is there. One of which nothing is kept ends when nobody is to hear more of it.
 */
final class Answering {
    private static final Logger LOG = LoggerFactory.getLogger("io.koshi.openai");
    private static final Duration LONGEST = Duration.ofHours(1);
    private static final long ALIVE_SECONDS = 15;

    private final Registry registry;
    private final Events events;
    private final Codec codec;
    private final Pools pools;
    private final Auth auth;
    private final Caller caller;
    private final Chat chat;
    private final Optional<String> named;
    private final String sessionKey;
    private final String runId = Ulid.next(); // known before the run begins, so that none but its words are brought
    private final Completion words;
    private final Cut cut;
    private volatile boolean enough;
    private volatile boolean ended;

    /** @param session by the header; else the user's; else one of its own that is gone afterwards */
    Answering(
            Registry registry,
            Events events,
            Codec codec,
            Pools pools,
            Auth auth,
            Caller caller,
            Chat chat,
            Optional<String> session) {
        this.registry = registry;
        this.events = events;
        this.codec = codec;
        this.pools = pools;
        this.auth = auth;
        this.caller = caller;
        this.chat = chat;
        this.named = session.or(() -> chat.user().map(user -> "openai:" + user));
        this.sessionKey = named.orElseGet(() -> "openai:" + Ulid.next());
        this.words = new Completion(
                "chatcmpl-" + Ulid.next(),
                Instant.now().getEpochSecond(),
                chat.model().orElse(Chat.AGENT),
                chat.usage());
        this.cut = chat.wishes().cut();
    }

    void whole(HttpServletRequest ask, HttpServletResponse answer) {
        AsyncContext exchange = ask.startAsync();
        exchange.setTimeout(0); // the run ends at its own deadline
        run().whenComplete((done, failure) -> {
            try {
                if (failure == null) {
                    String text = cut.take(response(done));
                    String all = text + cut.rest();
                    OpenAiDoor.json(answer, 200, codec.json(words.whole(all, finish(), usage(done))));
                } else {
                    OpenAiDoor.refuse(answer, Refused.of(failure), codec);
                }
            } catch (IOException gone) {
                LOG.debug("A client did not wait for its answer: {}", gone.getMessage());
            } finally {
                exchange.complete();
            }
        });
    }

    void stream(HttpServletRequest ask, HttpServletResponse answer) throws IOException {
        AtomicBoolean open = new AtomicBoolean(true);
        ChunkStream stream = ChunkStream.open(codec, ask, answer, () -> {
            open.set(false);
            leave();
        });
        stream.send(words.first());
        boolean whole = chat.wishes().format().isPresent(); // what is to be JSON is looked at first
        Words heard = new Words(events, codec, runId, text -> {
            if (!whole) {
                give(stream, cut.take(text));
            }
        });
        AutoCloseable revocation = auth.onRevoked(caller, stream::close);
        var alive = pools.timer()
                .scheduleWithFixedDelay(
                        () -> {
                            if (open.get()) {
                                stream.alive();
                            }
                        },
                        ALIVE_SECONDS,
                        ALIVE_SECONDS,
                        TimeUnit.SECONDS);
        run().whenComplete((done, failure) -> {
            alive.cancel(false);
            heard.close();
            end(stream, heard, done, failure);
            try {
                revocation.close();
            } catch (Exception e) {
                LOG.debug("Ending a stream", e);
            }
        });
    }

    private void give(ChunkStream stream, String text) {
        if (!text.isEmpty()) {
            stream.send(words.more(text));
        }
        if (cut.reason().isPresent()) {
            leave();
        }
    }

    private void end(ChunkStream stream, Words heard, Map<?, ?> done, Throwable failure) {
        if (failure != null) {
            stream.send(Refused.of(failure).body());
        } else {
            heard.finish(response(done));
            if (chat.wishes().format().isPresent()) {
                give(stream, cut.take(response(done)));
            }
            give(stream, cut.rest());
            stream.send(words.last(finish()));
            if (chat.usage()) {
                stream.send(words.ofUsage(usage(done)));
            }
        }
        stream.done();
    }

    private String response(Map<?, ?> done) {
        String said = String.valueOf(done.get("response"));
        return chat.wishes().format().isPresent() ? BareJson.of(said, codec) : said;
    }

    private String finish() {
        return cut.reason().orElse("stop");
    }

    private static Map<?, ?> usage(Map<?, ?> done) {
        return done.get("usage") instanceof Map<?, ?> used ? used : Map.of();
    }

    /** Nobody is to hear more of it. */
    private void leave() {
        if (named.isEmpty() && !ended && !enough) {
            enough = true;
            registry.call(caller, "agent.abort", Map.of("runId", runId), Registry.DEADLINE)
                    .exceptionally(failure -> {
                        LOG.warn("The run {} of a completion was not ended: {}", runId, failure.toString());
                        return Map.of();
                    });
        }
    }

    /** What agent.run answers, once it was well. */
    private CompletableFuture<Map<?, ?>> run() {
        Map<String, Object> params = new LinkedHashMap<>();
        params.put("sessionKey", sessionKey);
        params.put("task", chat.task(named.isPresent()));
        params.put("runId", runId);
        chat.model().ifPresent(model -> params.put("model", model));
        if (!chat.images().isEmpty()) {
            params.put("images", chat.images());
        }
        return registry.call(caller, "agent.run", params, LONGEST)
                .toCompletableFuture()
                .whenComplete((done, failure) -> {
                    ended = true;
                    forget();
                })
                .thenApply(done -> {
                    Map<?, ?> end = (Map<?, ?>) codec.toData(done);
                    if (enough || Boolean.TRUE.equals(end.get("success"))) {
                        return end;
                    }
                    Object why = end.get("error") instanceof Map<?, ?> error ? error.get("message") : null;
                    throw Refused.run("The run " + end.get("status") + (why == null ? "." : ": " + why));
                });
    }

    /** A request that named no session stands for itself, as OpenAI's do: nothing of it is kept. */
    private void forget() {
        if (named.isEmpty()) {
            Caller self = new Caller("openai", Set.of("session.write"));
            registry.call(self, "session.delete", Map.of("sessionKey", sessionKey), Registry.DEADLINE)
                    .exceptionally(failure -> {
                        LOG.warn("The session {} of a completion was not deleted: {}", sessionKey, failure.toString());
                        return Map.of();
                    });
        }
    }
}
