package io.koshi.api;

import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.CompletableFuture;
import org.osgi.annotation.versioning.ProviderType;

/** The one shared HTTP client (HTTP/2 and 1.1, TLS verified, no redirects, 10 s to connect). */
@ProviderType
public interface Http {
    /** Sends and waits; set a time-out on the request, without one 30 s is used for the answer. */
    <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> body)
            throws IOException, InterruptedException;

    <T> CompletableFuture<HttpResponse<T>> sendAsync(HttpRequest request, HttpResponse.BodyHandler<T> body);
}
