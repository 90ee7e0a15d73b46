package io.koshi.model.anthropic;

import static org.osgi.service.component.annotations.ConfigurationPolicy.REQUIRE;

import io.koshi.api.Blobs;
import io.koshi.api.ErrorCode;
import io.koshi.api.Health;
import io.koshi.api.Http;
import io.koshi.api.KoshiException;
import io.koshi.codec.Codec;
import io.koshi.http.EventStream;
import io.koshi.http.RetryAfter;
import io.koshi.http.StreamedBody;
import io.koshi.model.Model;
import io.koshi.model.ModelAnswer;
import io.koshi.model.ModelName;
import io.koshi.model.ModelRequest;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.AttributeType;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Asks a model by the Anthropic Messages API (version 2023-06-01) and streams its answer. Thread-safe. */
@Component(
        name = "io.koshi.model.anthropic",
        service = {Model.class, Health.class},
        configurationPolicy = REQUIRE)
@ModelName("anthropic")
@Designate(ocd = AnthropicModel.Config.class, factory = true)
public final class AnthropicModel implements Model, Health {
    @ObjectClassDefinition(name = "Anthropic", description = "A model behind the Anthropic Messages API.")
    @interface Config {
        @AttributeDefinition(description = "The service's name of the model.")
        String model() default "claude-sonnet-4-5";

        @AttributeDefinition(type = AttributeType.PASSWORD, description = "The key; a proxy of yours may need none.")
        String apiKey() default "";

        @AttributeDefinition(description = "Where the API is, without /v1/messages.")
        String endpoint() default PUBLIC;

        @AttributeDefinition(description = "The most tokens an answer may have.")
        int maxTokens() default 8192;

        @AttributeDefinition(description = "Seconds without a sign of life after which an attempt is given up.")
        int timeoutSeconds() default 60;
    }

    static final String PUBLIC = "https://api.anthropic.com";
    private static final String VERSION = "2023-06-01";
    private static final String PATH = "/v1/messages";
    private static final int MAX_ERROR = 64 * 1024;
    /** What is shorter hides nothing, and would be found inside of words. */
    private static final int SHORTEST_SECRET = 6;

    private static final int MAX_EVENT = 8 * 1024 * 1024;

    /** With all that an answer's events say besides, such as thoughts and pings. */
    private static final long MAX_STREAM = 64L << 20;

    private final Http http;
    private final Codec codec;
    private final RequestBody body;
    private final URI uri;
    private final String apiKey;
    private final Duration silence;
    private final String name;
    private volatile Optional<String> trouble = Optional.empty();

    @Activate
    public AnthropicModel(
            @Reference Http http,
            @Reference Blobs blobs,
            @Reference Codec codec,
            Config config,
            Map<String, Object> properties) {
        this.http = http;
        this.codec = codec;
        this.uri = uri(config.endpoint());
        this.apiKey = config.apiKey().strip();
        if (apiKey.isEmpty() && config.endpoint().equals(PUBLIC)) {
            throw KoshiException.invalid("/apiKey", "set apiKey, for example to ${ANTHROPIC_API_KEY}");
        }
        if (!apiKey.chars().allMatch(c -> c > ' ' && c < 127)) {
            throw KoshiException.invalid("/apiKey", "apiKey has characters no key has: is the variable right?");
        }
        if (config.timeoutSeconds() < 1 || config.maxTokens() < 1) {
            throw KoshiException.invalid("", "timeoutSeconds and maxTokens are at least 1");
        }
        this.body = new RequestBody(blobs, config.model(), config.maxTokens());
        this.silence = Duration.ofSeconds(config.timeoutSeconds());
        this.name = String.valueOf(properties.getOrDefault(ModelName.PROPERTY, "anthropic"));
    }

    @Override
    public ModelAnswer stream(ModelRequest request, Consumer<String> deltas) throws InterruptedException {
        try {
            ModelAnswer answer = answer(request, deltas);
            trouble = Optional.empty();
            return answer;
        } catch (KoshiException e) {
            trouble = Optional.of("the last request failed: " + e.getMessage());
            throw e;
        }
    }

    private ModelAnswer answer(ModelRequest request, Consumer<String> deltas) throws InterruptedException {
        HttpRequest.Builder ask = HttpRequest.newBuilder(uri)
                .timeout(silence)
                .header("content-type", "application/json")
                .header("accept", "text/event-stream")
                .header("anthropic-version", VERSION)
                .POST(BodyPublishers.ofByteArray(codec.json(body.of(request))));
        if (!apiKey.isEmpty()) {
            ask.header("x-api-key", apiKey);
        }
        try {
            HttpResponse<StreamedBody> response = http.send(ask.build(), info -> new StreamedBody());
            try (StreamedBody stream = response.body()) {
                if (response.statusCode() != 200) {
                    throw refused(response, stream);
                }
                return read(stream, deltas);
            }
        } catch (HttpTimeoutException e) {
            throw new KoshiException(
                    ErrorCode.TIMEOUT, "the model's service did not answer within " + silence.toSeconds() + " s", e);
        } catch (TimeoutException e) {
            throw new KoshiException(
                    ErrorCode.TIMEOUT, "the model's service fell silent for " + silence.toSeconds() + " s", e);
        } catch (ConnectException e) {
            throw new KoshiException(
                    ErrorCode.SERVICE_UNAVAILABLE,
                    "the model's service at " + uri.getHost() + " cannot be reached; see the network, and endpoint",
                    e);
        } catch (IOException e) {
            throw new KoshiException(
                    ErrorCode.SERVICE_UNAVAILABLE,
                    "the model's service at " + uri.getHost() + " broke off: " + safe(e),
                    e);
        }
    }

    private ModelAnswer read(StreamedBody stream, Consumer<String> deltas)
            throws IOException, InterruptedException, TimeoutException {
        AnswerReader reader = new AnswerReader(codec, deltas);
        EventStream events = new EventStream(MAX_EVENT, reader::event);
        boolean whole = stream.each(new StreamedBody.Reader() {
            private long taken;

            @Override
            public boolean take(ByteBuffer bytes) {
                taken += bytes.remaining();
                feed(events, bytes);
                if (taken > MAX_STREAM) {
                    throw new KoshiException(ErrorCode.TOO_LARGE, "the model's service never came to an end");
                }
                return !reader.complete();
            }

            @Override
            public Duration silence() {
                return silence;
            }
        });
        if (!whole) {
            throw new IOException("the answer was cut off");
        }
        return reader.answer();
    }

    private static void feed(EventStream events, ByteBuffer bytes) {
        try {
            events.feed(bytes);
        } catch (IllegalStateException tooLong) {
            throw new KoshiException(
                    ErrorCode.METHOD_ERROR,
                    "the model's service answered what cannot be read: " + tooLong.getMessage());
        }
    }

    private KoshiException refused(HttpResponse<StreamedBody> response, StreamedBody stream)
            throws InterruptedException {
        int status = response.statusCode();
        String sentence = sentence(stream.rest(MAX_ERROR, silence));
        return Refusal.ofStatus(status, hidden(sentence), RetryAfter.of(response.headers()));
    }

    /** The service's own sentence; what is no error of its kind is not shown. */
    private String sentence(byte[] error) {
        try {
            if (codec.parseJson(error) instanceof Map<?, ?> data
                    && data.get("error") instanceof Map<?, ?> inner
                    && inner.get("message") instanceof String message) {
                return message;
            }
        } catch (KoshiException notJson) {
            return "something that is no error of the Messages API; check endpoint";
        }
        return "no reason";
    }

    private String safe(Throwable failure) {
        return hidden(String.valueOf(
                failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage()));
    }

    private String hidden(String text) {
        return apiKey.length() < SHORTEST_SECRET ? text : text.replace(apiKey, "***");
    }

    private static URI uri(String endpoint) {
        String base = endpoint.strip().replaceAll("/+$", "");
        String whole = base.endsWith(PATH) ? base : base.endsWith("/v1") ? base + "/messages" : base + PATH;
        try {
            URI uri = URI.create(whole);
            if (uri.getHost() != null && List.of("http", "https").contains(uri.getScheme())) {
                return uri;
            }
        } catch (IllegalArgumentException e) {
            throw KoshiException.invalid("/endpoint", "an endpoint is an http or https URL, not '" + endpoint + "'");
        }
        throw KoshiException.invalid("/endpoint", "an endpoint is an http or https URL, not '" + endpoint + "'");
    }

    @Override
    public Report health() {
        return trouble.map(why -> Report.degraded(name, "model", why)).orElseGet(() -> Report.healthy(name, "model"));
    }
}
