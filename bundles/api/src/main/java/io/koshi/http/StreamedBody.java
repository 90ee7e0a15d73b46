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
 * A response's body as it comes, read with a limit on silence and by a thread that can be interrupted: piece by piece
 * with {@link #next}, one of them fetched ahead, or pushed to a {@link Reader} with {@link #each}. Thread-safe.
 */
public final class StreamedBody implements HttpResponse.BodySubscriber<StreamedBody>, AutoCloseable {
    private static final Object END = new Object();

    /** What is pushed is taken at once, so nothing gathers. */
    private static final long ALL = Long.MAX_VALUE;

    /** Takes a body's bytes the moment they are here, one call at a time. */
    public interface Reader {
        /** Takes some more; false when it wants none after these. What it throws ends {@link #each}. */
        boolean take(ByteBuffer bytes);

        /** How long it waits for the next ones. */
        Duration silence();
    }

    private final BlockingQueue<Object> pieces = new LinkedBlockingQueue<>();
    private volatile Flow.Subscription subscription;
    private volatile boolean closed;

    // guarded by this
    private Reader reader; // once there is one, nothing goes to the queue any more
    private Object outcome; // END, TRUE when the reader has enough, or a Throwable
    private long heard; // when the last piece came, of System.nanoTime
    private Duration silence;

    @Override
    public CompletionStage<StreamedBody> getBody() {
        return CompletableFuture.completedStage(this);
    }

    @Override
    public synchronized void onSubscribe(Flow.Subscription given) {
        subscription = given; // may be after the body was handed out
        if (closed) {
            given.cancel();
        } else {
            given.request(reader == null ? 1 : ALL);
        }
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
        came(buffers);
    }

    @Override
    public void onError(Throwable failure) {
        came(failure);
    }

    @Override
    public void onComplete() {
        came(END);
    }

    private synchronized void came(Object piece) {
        if (reader == null) {
            pieces.add(piece);
        } else {
            push(piece);
        }
    }

    /**
     * Pushes all that comes to a reader, on the threads that bring it: none is woken for a piece. Returns when the
     * reader has enough (true) or the body has ended (false); after that it is given nothing.
     *
     * @throws TimeoutException when nothing comes for as long as the reader waits
     * @throws IOException when the connection broke
     */
    public synchronized boolean each(Reader taking) throws IOException, InterruptedException, TimeoutException {
        reader = taking;
        heard = System.nanoTime();
        silence = taking.silence();
        for (Object piece = pieces.poll(); piece != null; piece = pieces.poll()) {
            push(piece);
        }
        if (subscription != null) {
            subscription.request(ALL);
        }
        while (outcome == null) {
            long left = silence.toNanos() - (System.nanoTime() - heard);
            if (left <= 0) {
                close();
                throw new TimeoutException("nothing came for " + silence.toSeconds() + " s");
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
        if (outcome instanceof RuntimeException thrown) {
            throw thrown;
        }
        if (outcome instanceof Error thrown) {
            throw thrown;
        }
        if (outcome instanceof Throwable failure) {
            throw new IOException("the connection broke: " + failure.getMessage(), failure);
        }
        return outcome != END;
    }

    /** Gives the reader a piece, or notes how it ended; confined to the lock. */
    @SuppressWarnings("unchecked")
    private void push(Object piece) {
        if (outcome != null || closed) {
            return;
        }
        if (!(piece instanceof List)) {
            end(piece instanceof RuntimeException e ? new IOException(e) : piece);
            return;
        }
        try {
            boolean more = true;
            for (ByteBuffer buffer : (List<ByteBuffer>) piece) {
                more = more && reader.take(buffer);
            }
            if (!more) {
                end(Boolean.TRUE);
            }
            waits(reader.silence());
        } catch (RuntimeException | Error e) { // the reader's own: for whoever called each
            end(e);
        }
    }

    private void waits(Duration now) {
        heard = System.nanoTime();
        boolean shorter = now.compareTo(silence) < 0;
        silence = now;
        if (shorter) {
            notifyAll();
        }
    }

    private void end(Object how) {
        outcome = how;
        notifyAll();
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

    /** Ends the connection if there is more to come; a reader is given nothing from here on. */
    @Override
    public synchronized void close() {
        closed = true;
        Flow.Subscription open = subscription;
        if (open != null) {
            open.cancel();
        }
    }
}
