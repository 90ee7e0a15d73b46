package io.koshi.pool.internal;

import io.koshi.api.Http;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.AccessController;
import java.security.PrivilegedAction;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/**
 * The one HTTP client, made when it is first needed as it costs start-up time and a selector thread. Its
 * tasks have threads of their own: a work thread that waits for an answer must not wait behind others
 * that do the same. Thread-safe.
 */
@Component(name = "io.koshi.pool.http", configurationPolicy = ConfigurationPolicy.IGNORE)
public final class SharedHttp implements Http {
    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final Duration ANSWER = Duration.ofSeconds(30);

    private final Threads threads;
    private volatile HttpClient client;

    @Activate
    public SharedHttp(@Reference Threads threads) {
        this.threads = threads;
    }

    @Override
    public <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> body)
            throws IOException, InterruptedException {
        return client().send(timed(request), body);
    }

    @Override
    public <T> CompletableFuture<HttpResponse<T>> sendAsync(HttpRequest request, HttpResponse.BodyHandler<T> body) {
        return client().sendAsync(timed(request), body);
    }

    private static HttpRequest timed(HttpRequest request) {
        if (request.timeout().isPresent()) {
            return request;
        }
        return HttpRequest.newBuilder(request, (name, value) -> true)
                .timeout(ANSWER)
                .build();
    }

    private synchronized HttpClient client() {
        if (client == null) {
            client = make();
        }
        return client;
    }

    /** The selector thread takes the context class loader of whoever asks first: it gets a neutral one. */
    @SuppressWarnings("removal")
    private HttpClient make() {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(CleanThreads.LOADER);
        try {
            return AccessController.doPrivileged((PrivilegedAction<HttpClient>) () -> HttpClient.newBuilder()
                    .connectTimeout(CONNECT)
                    .followRedirects(HttpClient.Redirect.NEVER)
                    .executor(threads.http())
                    .build());
        } finally {
            thread.setContextClassLoader(before);
        }
    }
}
