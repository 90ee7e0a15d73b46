package io.koshi.itests;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** Posts as platforms do: until it is told 200, with the same delivery id each time. */
public final class RetryingSender {
    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
    private final Supplier<URI> hub;

    /** @param hub the hub's address now; it may move at a restart */
    public RetryingSender(Supplier<URI> hub) {
        this.hub = hub;
    }

    /**
     * Sends until 200.
     *
     * @param deadline {@link System#nanoTime} after which it gives up
     * @return how many tries it took
     */
    public int send(String path, byte[] body, Map<String, String> headers, long deadline) throws InterruptedException {
        for (int tries = 1; ; tries++) {
            int status = -1;
            try {
                HttpRequest.Builder request = HttpRequest.newBuilder(hub.get().resolve(path))
                        .timeout(Duration.ofSeconds(5))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(body));
                headers.forEach(request::header);
                status = client.send(request.build(), HttpResponse.BodyHandlers.discarding())
                        .statusCode();
            } catch (IOException | IllegalStateException e) {
                status = -1; // the hub is down just now: a platform tries again
            }
            if (status == 200) {
                return tries;
            }
            if (status == 400 || status == 401 || status == 404 && tries > 200) {
                throw new IllegalStateException("refused for good with " + status);
            }
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("not accepted in time, last status " + status);
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }
}
