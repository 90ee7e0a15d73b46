package io.koshi.channel.http;

import io.koshi.api.ErrorCode;
import io.koshi.api.Http;
import io.koshi.api.KoshiException;
import io.koshi.api.Part;
import io.koshi.api.Receipt;
import io.koshi.api.Reply;
import io.koshi.api.Signature;
import io.koshi.codec.Codec;
import io.koshi.http.RetryAfter;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;

/** Posts replies and understands the answers. Thread-safe. */
final class Outbound {
    static final String SIGNATURE = "X-Koshi-Signature-256";
    static final String PREFIX = "sha256=";

    private final Http http;
    private final Codec codec;
    private final Signature signature;
    private final URI url;
    private final Duration limit;
    private volatile String trouble; // of the last attempt, null when it went well

    Outbound(Http http, Codec codec, Signature signature, URI url, Duration limit) {
        this.http = http;
        this.codec = codec;
        this.signature = signature;
        this.url = url;
        this.limit = limit;
    }

    /** What is posted. */
    record Post(
            String id,
            String to,
            String text,
            List<Part> parts,
            Optional<String> inReplyTo,
            int attempt,
            boolean duplicate) {
        static Post of(Reply reply) {
            return new Post(
                    reply.id(),
                    reply.to().conversation(),
                    reply.text(),
                    reply.parts(),
                    reply.inReplyTo(),
                    reply.attempt(),
                    reply.duplicate());
        }
    }

    /**
     * Posts a reply.
     *
     * @throws IOException when the other side was not reached or did not answer in time
     * @throws KoshiException SERVICE_UNAVAILABLE, with the wait it asked for, when it cannot take it now;
     *     METHOD_ERROR when it never will
     */
    Receipt send(Reply reply) throws IOException, InterruptedException {
        byte[] body = codec.json(Post.of(reply));
        HttpRequest request = HttpRequest.newBuilder(url)
                .timeout(limit)
                .header("Content-Type", "application/json")
                .header(SIGNATURE, PREFIX + signature.of(body))
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build();
        try {
            Receipt receipt = exchange(request);
            trouble = null;
            return receipt;
        } catch (IOException | KoshiException e) {
            trouble = "the last post to " + url.getHost() + " failed: " + e.getMessage();
            throw e;
        }
    }

    /**
     * The request's own time-out ends with the head of the answer; this one covers its body too. A yes in the head
     * counts, whatever becomes of the rest.
     */
    private Receipt exchange(HttpRequest request) throws IOException, InterruptedException {
        AtomicBoolean yes = new AtomicBoolean();
        CompletableFuture<HttpResponse<byte[]>> answer = http.sendAsync(request, info -> {
            yes.set(info.statusCode() / 100 == 2);
            return new ShortBody();
        });
        try {
            return receipt(answer.get(2 * limit.toMillis(), TimeUnit.MILLISECONDS));
        } catch (TimeoutException e) {
            if (yes.get()) {
                return Receipt.sent();
            }
            throw new IOException("no answer in time", e);
        } catch (ExecutionException e) {
            if (yes.get()) {
                return Receipt.sent();
            }
            throw e.getCause() instanceof IOException cause ? cause : new IOException(e.getCause());
        } finally {
            answer.cancel(true);
        }
    }

    private Receipt receipt(HttpResponse<byte[]> answer) {
        int status = answer.statusCode();
        if (status / 100 == 2) {
            return platformId(answer.body()).map(Receipt::of).orElseGet(Receipt::sent);
        }
        String what = "HTTP " + status;
        boolean later = status == 408 || status == 425 || status == 429;
        if (status / 100 == 4 && !later) {
            throw new KoshiException(
                    ErrorCode.METHOD_ERROR, what + ": the other side will not take it; check url and secret");
        }
        Duration wait = RetryAfter.of(answer.headers()).orElse(null);
        throw new KoshiException(ErrorCode.SERVICE_UNAVAILABLE, what, List.of(), wait, null);
    }

    /** An answer that says nothing readable is still a yes. */
    private Optional<String> platformId(byte[] body) {
        try {
            Object id = codec.parseJson(body) instanceof Map<?, ?> map ? map.get("id") : null;
            return id instanceof String || id instanceof Long ? Optional.of(id.toString()) : Optional.empty();
        } catch (KoshiException e) {
            return Optional.empty();
        }
    }

    Optional<String> trouble() {
        return Optional.ofNullable(trouble);
    }
}
