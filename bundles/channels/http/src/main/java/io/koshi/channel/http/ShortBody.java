package io.koshi.channel.http;

import java.io.ByteArrayOutputStream;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;

/** An answer's body where it is short; of a long one nothing, as nothing in it is wanted. Used once. */
final class ShortBody implements BodySubscriber<byte[]> {
    private static final int LONGEST = 64 * 1024;

    private final CompletableFuture<byte[]> body = new CompletableFuture<>();
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private Flow.Subscription subscription;

    @Override
    public CompletionStage<byte[]> getBody() {
        return body;
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
        subscription = given;
        given.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
        for (ByteBuffer buffer : buffers) {
            if (bytes.size() + buffer.remaining() > LONGEST) {
                subscription.cancel();
                body.complete(new byte[0]);
                return;
            }
            byte[] some = new byte[buffer.remaining()];
            buffer.get(some);
            bytes.writeBytes(some);
        }
    }

    /** The head had come, and it decides: a body cut off is no reason to send again. */
    @Override
    public void onError(Throwable failure) {
        body.complete(new byte[0]);
    }

    @Override
    public void onComplete() {
        body.complete(bytes.toByteArray());
    }
}
