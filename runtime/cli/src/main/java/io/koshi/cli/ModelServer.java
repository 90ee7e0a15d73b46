package io.koshi.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** Asks a model's server for one whole answer. Thread-safe. */
final class ModelServer {
    private static final int LONGEST_INPUT = 400_000;
    private static final int LONGEST_COMPLAINT = 500;

    private final URI address;
    private final Map<String, String> headers;
    private final Duration limit;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(20)).build();

    ModelServer(URI address, Map<String, String> headers, Duration limit) {
        this.address = address;
        this.headers = headers;
        this.limit = limit;
    }

    /** @throws IOException what the server complained of, for the task's history */
    Map<?, ?> ask(Map<String, ?> body) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(address)
                .timeout(limit)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(Json.write(body), UTF_8));
        headers.forEach(request::header);
        HttpResponse<String> answer = answer(request.build());
        if (answer.statusCode() != 200) {
            String said = answer.body().replaceAll("\\s+", " ");
            throw new IOException("the model answered " + answer.statusCode() + ": "
                    + said.substring(0, Math.min(LONGEST_COMPLAINT, said.length())));
        }
        try {
            if (Json.read(answer.body()) instanceof Map<?, ?> map) {
                return map;
            }
        } catch (IllegalArgumentException e) {
            throw new IOException("the model answered no JSON: " + e.getMessage(), e);
        }
        throw new IOException("the model answered without a message");
    }

    private HttpResponse<String> answer(HttpRequest request) throws IOException, InterruptedException {
        try {
            return http.send(request, BodyHandlers.ofString(UTF_8));
        } catch (ConnectException e) {
            throw new IOException("the model's server at " + address.getHost() + " cannot be reached", e);
        }
    }

    /** A task's prompt with what it works on behind it; a model sees no files. */
    static String prompt(Work work, Path input) throws IOException {
        if (input == null) {
            return work.prompt();
        }
        if (Files.size(input) > LONGEST_INPUT) {
            throw new IOException("the input has " + Files.size(input) + " bytes, more than a model is asked at once ("
                    + LONGEST_INPUT + "); let a command do it");
        }
        return work.prompt() + "\n\n" + Files.readString(input, UTF_8);
    }

    /** The address below a service's base, which may be given with the path, without it, or as a bare host. */
    static URI address(String endpoint, String version, String path) {
        String base = endpoint.strip().replaceAll("/+$", "");
        URI uri = Addresses.of(base, "An endpoint", "http", "https");
        if (base.endsWith(path)) {
            return uri;
        }
        return URI.create(base + (uri.getPath().isEmpty() ? version : "") + path);
    }
}
