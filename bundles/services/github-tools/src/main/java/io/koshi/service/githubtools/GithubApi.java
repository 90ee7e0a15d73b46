package io.koshi.service.githubtools;

import io.koshi.api.ErrorCode;
import io.koshi.api.Http;
import io.koshi.api.KoshiException;
import io.koshi.codec.Codec;
import io.koshi.http.RetryAfter;
import io.koshi.http.StreamedBody;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Asks GitHub's REST API (version 2022-11-28), within the repositories of the settings. Thread-safe. */
final class GithubApi {
    private static final String VERSION = "2022-11-28";
    private static final int MAX_BODY = 4 * 1024 * 1024;

    private final Http http;
    private final Codec codec;
    private final String endpoint;
    private final String token;
    private final List<String> repositories;
    private final Duration limit;

    GithubApi(Http http, Codec codec, GithubSettings settings) {
        this.http = http;
        this.codec = codec;
        this.endpoint = settings.endpoint().strip().replaceAll("/+$", "");
        if (!endpoint.matches("https?://[^/?#@]+(/[^?#]*)?")) {
            throw KoshiException.invalid("/endpoint", "is an http or https URL, not '" + endpoint + "'");
        }
        this.token = settings.token().strip();
        if (!token.chars().allMatch(c -> c > ' ' && c < 127)) {
            throw KoshiException.invalid("/token", "has characters no token has: is the variable right?");
        }
        if (settings.timeoutSeconds() < 1) {
            throw KoshiException.invalid("/timeoutSeconds", "is at least 1");
        }
        this.repositories =
                Arrays.stream(settings.repositories()).map(String::strip).toList();
        this.limit = Duration.ofSeconds(settings.timeoutSeconds());
    }

    /**
     * The path of a repository in the API.
     *
     * @throws KoshiException FORBIDDEN when the settings do not name it, INVALID_PARAMS when it is no repository
     */
    String repository(Map<String, Object> arguments) {
        String name = String.valueOf(arguments.get("repository"));
        if (!name.matches("[A-Za-z0-9-]{1,39}/[A-Za-z0-9._-]{1,100}") || name.endsWith("/..") || name.endsWith("/.")) {
            throw KoshiException.invalid("/repository", "is owner/name, not '" + name + "'");
        }
        String owner = name.substring(0, name.indexOf('/'));
        boolean named = repositories.stream()
                .anyMatch(known -> known.equalsIgnoreCase(name) || known.equalsIgnoreCase(owner + "/*"));
        if (!repositories.isEmpty() && !named) {
            throw new KoshiException(
                    ErrorCode.FORBIDDEN, "the settings of github-tools do not let '" + name + "' be asked");
        }
        return "/repos/" + name;
    }

    static long number(Map<String, Object> arguments) {
        if (arguments.get("number") instanceof Number number && number.longValue() > 0) {
            return number.longValue();
        }
        throw KoshiException.invalid("/number", "is the number of an issue or a pull request");
    }

    @SuppressWarnings("unchecked")
    Map<String, Object> object(String path) throws InterruptedException {
        Object data = json(ask("GET", path, "application/vnd.github+json", null));
        return data instanceof Map<?, ?> ? (Map<String, Object>) data : Map.of();
    }

    List<?> list(String path) throws InterruptedException {
        return json(ask("GET", path, "application/vnd.github+json", null)) instanceof List<?> list ? list : List.of();
    }

    String diff(String path) throws InterruptedException {
        return new String(ask("GET", path, "application/vnd.github.diff", null), StandardCharsets.UTF_8);
    }

    @SuppressWarnings("unchecked")
    Map<String, Object> post(String path, Map<String, Object> body) throws InterruptedException {
        if (token.isEmpty()) {
            throw new KoshiException(ErrorCode.UNAUTHORIZED, "set token, for example to ${GITHUB_TOKEN}, to write");
        }
        Object data = json(ask("POST", path, "application/vnd.github+json", codec.json(body)));
        return data instanceof Map<?, ?> ? (Map<String, Object>) data : Map.of();
    }

    private Object json(byte[] body) {
        try {
            return codec.parseJson(body);
        } catch (KoshiException e) {
            throw new KoshiException(
                    ErrorCode.METHOD_ERROR, "GitHub answered what is no JSON, or far too much of it", e);
        }
    }

    private byte[] ask(String method, String path, String accept, byte[] body) throws InterruptedException {
        HttpRequest.Builder ask = HttpRequest.newBuilder(URI.create(endpoint + path))
                .timeout(limit)
                .header("accept", accept)
                .header("user-agent", "koshi")
                .header("x-github-api-version", VERSION)
                .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
        if (!token.isEmpty()) {
            ask.header("authorization", "Bearer " + token);
        }
        try {
            HttpResponse<StreamedBody> response = http.send(ask.build(), info -> new StreamedBody());
            try (StreamedBody stream = response.body()) {
                byte[] answer = stream.rest(MAX_BODY, limit);
                if (response.statusCode() / 100 != 2) {
                    throw refused(response, answer);
                }
                return answer;
            }
        } catch (HttpTimeoutException e) {
            throw new KoshiException(ErrorCode.TIMEOUT, "GitHub did not answer within " + limit.toSeconds() + " s", e);
        } catch (IOException e) {
            throw new KoshiException(ErrorCode.SERVICE_UNAVAILABLE, "GitHub broke off: " + e.getMessage(), e);
        }
    }

    private KoshiException refused(HttpResponse<StreamedBody> response, byte[] answer) {
        int status = response.statusCode();
        boolean spent = response.headers()
                .firstValue("x-ratelimit-remaining")
                .filter("0"::equals)
                .isPresent();
        if (status == 429
                || status == 403 && (spent || RetryAfter.of(response.headers()).isPresent())) {
            Duration wait =
                    RetryAfter.of(response.headers()).or(() -> reset(response)).orElse(null);
            return new KoshiException(
                    ErrorCode.OVERLOADED,
                    "GitHub's rate limit is spent" + (token.isEmpty() ? "; a token has a larger one" : "")
                            + (wait == null ? "" : "; wait " + wait.toSeconds() + " s"),
                    List.of(),
                    wait,
                    null);
        }
        ErrorCode code = switch (status) {
            case 401 -> ErrorCode.UNAUTHORIZED;
            case 403 -> ErrorCode.FORBIDDEN;
            case 404, 410 -> ErrorCode.NOT_FOUND;
            case 406, 422 -> ErrorCode.INVALID_PARAMS;
            default -> status >= 500 ? ErrorCode.SERVICE_UNAVAILABLE : ErrorCode.METHOD_ERROR;
        };
        return new KoshiException(code, "GitHub answered " + status + why(answer));
    }

    private static Optional<Duration> reset(HttpResponse<?> response) {
        return response.headers()
                .firstValue("x-ratelimit-reset")
                .filter(text -> text.matches("\\d{1,12}"))
                .map(text -> Duration.between(Instant.now(), Instant.ofEpochSecond(Long.parseLong(text))))
                .filter(wait -> !wait.isNegative());
    }

    private String why(byte[] answer) {
        try {
            if (codec.parseJson(answer) instanceof Map<?, ?> data && data.get("message") instanceof String message) {
                return ": " + message.substring(0, Math.min(message.length(), 200));
            }
        } catch (KoshiException notJson) {
            return "";
        }
        return "";
    }
}
