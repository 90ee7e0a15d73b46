package io.koshi.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A response's body as it comes, read with a limit on silence and by a thread that can be interrupted;
 * one piece is fetched ahead. Thread-safe.
 */
public final class StreamedBody implements HttpResponse.BodySubscriber<StreamedBody>, AutoCloseable {
    private static final Object END = new Object();

    private final BlockingQueue<Object> pieces = new LinkedBlockingQueue<>();
    private volatile Flow.Subscription subscription;
    private volatile boolean closed;

    @Override
    public CompletionStage<StreamedBody> getBody() {
        return CompletableFuture.completedStage(this);
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
        subscription = given;
        if (closed) {
            given.cancel();
        } else {
            given.request(1);
        }
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
        pieces.add(buffers);
    }

    @Override
    public void onError(Throwable failure) {
        pieces.add(failure);
    }

    @Override
    public void onComplete() {
        pieces.add(END);
    }

    /**
     * The next bytes, empty at the end.
     *
     * @throws TimeoutException when none come for {@code silence}
     * @throws IOException when the connection broke
     */
    @SuppressWarnings("unchecked")
    public Optional<List<ByteBuffer>> next(Duration silence)
            throws IOException, InterruptedException, TimeoutException {
        Object piece = pieces.poll(silence.toMillis(), TimeUnit.MILLISECONDS);
        if (piece == null) {
            throw new TimeoutException("nothing came for " + silence.toSeconds() + " s");
        }
        if (piece == END) {
            pieces.add(END);
            return Optional.empty();
        }
        if (piece instanceof Throwable failure) {
            pieces.add(piece);
            throw new IOException("the connection broke: " + failure.getMessage(), failure);
        }
        subscription.request(1);
        return Optional.of((List<ByteBuffer>) piece);
    }

    /** The whole rest, cut at {@code limit} bytes; what breaks off is left out. */
    public byte[] rest(int limit, Duration silence) throws InterruptedException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        try {
            Optional<List<ByteBuffer>> piece = next(silence);
            while (piece.isPresent() && all.size() < limit) {
                for (ByteBuffer buffer : piece.get()) {
                    byte[] bytes = new byte[buffer.remaining()];
                    buffer.get(bytes);
                    all.write(bytes, 0, Math.min(bytes.length, limit - all.size()));
                }
                piece = next(silence);
            }
        } catch (IOException | TimeoutException e) {
            return all.toByteArray();
        }
        return all.toByteArray();
    }

    /** Ends the connection if there is more to come. */
    @Override
    public void close() {
        closed = true;
        Flow.Subscription open = subscription;
        if (open != null) {
            open.cancel();
        }
    }
}
