package io.koshi.model.openai;

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
import java.nio.charset.StandardCharsets;
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

/** Asks a model by chat completions, as OpenAI, Ollama, vLLM and llama.cpp speak them. Thread-safe. */
@Component(
        name = "io.koshi.model.openai",
        service = {Model.class, Health.class},
        configurationPolicy = REQUIRE)
@ModelName("openai")
@Designate(ocd = OpenAiModel.Config.class, factory = true)
public final class OpenAiModel implements Model, Health {
    @ObjectClassDefinition(name = "OpenAI", description = "A model behind chat completions.")
    @interface Config {
        @AttributeDefinition(description = "The service's name of the model.")
        String model();

        @AttributeDefinition(
                type = AttributeType.PASSWORD,
                description = "The key; a server of your own may need none.")
        String apiKey() default "";

        @AttributeDefinition(description = "Where the API is, for example http://localhost:11434/v1.")
        String endpoint() default PUBLIC;

        @AttributeDefinition(description = "The most tokens an answer may have.")
        int maxTokens() default 8192;

        @AttributeDefinition(description = "Seconds without a sign of life after which an attempt is given up.")
        int timeoutSeconds() default 60;
    }

    static final String PUBLIC = "https://api.openai.com/v1";
    private static final String PATH = "/chat/completions";
    private static final int MAX_ERROR = 64 * 1024;
    /** What is shorter hides nothing, and would be found inside of words. */
    private static final int SHORTEST_SECRET = 6;

    private static final int MAX_EVENT = 8 * 1024 * 1024;

    /** The most bytes of a stream, comments that only keep it open among them. */
    private static final long MAX_STREAM = 64L << 20;

    /** How long the count of tokens is waited for when the answer is whole. */
    private static final Duration COUNT = Duration.ofSeconds(3);

    private final Http http;
    private final Codec codec;
    private final RequestBody body;
    private final URI uri;
    private final String apiKey;
    private final Duration silence;
    private final String name;
    private volatile Dialect dialect;
    private volatile Optional<String> trouble = Optional.empty();

    @Activate
    public OpenAiModel(
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
            throw KoshiException.invalid("/apiKey", "set apiKey, for example to ${OPENAI_API_KEY}");
        }
        if (!apiKey.chars().allMatch(c -> c > ' ' && c < 127)) {
            throw KoshiException.invalid("/apiKey", "apiKey has characters no key has: is the variable right?");
        }
        if (config.model() == null || config.model().isBlank()) {
            throw KoshiException.invalid("/model", "name the model as its service does, for example qwen3:8b");
        }
        if (config.timeoutSeconds() < 1 || config.maxTokens() < 1) {
            throw KoshiException.invalid("", "timeoutSeconds and maxTokens are at least 1");
        }
        this.body = new RequestBody(blobs, codec, config.model(), config.maxTokens());
        this.dialect = Dialect.of(uri.getHost());
        this.silence = Duration.ofSeconds(config.timeoutSeconds());
        this.name = String.valueOf(properties.getOrDefault(ModelName.PROPERTY, "openai"));
    }

    @Override
    public ModelAnswer stream(ModelRequest request, Consumer<String> deltas) throws InterruptedException {
        try {
            ModelAnswer answer = ask(request, deltas);
            trouble = Optional.empty();
            return answer;
        } catch (KoshiException e) {
            trouble = Optional.of("the last request failed: " + e.getMessage());
            throw e;
        }
    }

    /** Asks, and once more in another dialect for each thing the server says it does not know. */
    private ModelAnswer ask(ModelRequest request, Consumer<String> deltas) throws InterruptedException {
        Dialect spoken = dialect;
        for (int turn = 0; ; turn++) {
            try {
                ModelAnswer answer = ask(request, spoken, deltas);
                dialect = spoken;
                return answer;
            } catch (KoshiException refused) {
                Optional<Dialect> next = refused.code() == ErrorCode.INVALID_PARAMS && turn < 2
                        ? spoken.after(refused.getMessage())
                        : Optional.empty();
                spoken = next.orElseThrow(() -> refused);
            }
        }
    }

    private ModelAnswer ask(ModelRequest request, Dialect spoken, Consumer<String> deltas) throws InterruptedException {
        HttpRequest.Builder ask = HttpRequest.newBuilder(uri)
                .timeout(silence)
                .header("content-type", "application/json")
                .header("accept", "text/event-stream, application/json")
                .POST(BodyPublishers.ofByteArray(codec.json(body.of(request, spoken))));
        if (!apiKey.isEmpty()) {
            ask.header("authorization", "Bearer " + apiKey);
        }
        try {
            HttpResponse<StreamedBody> response = http.send(ask.build(), info -> new StreamedBody());
            try (StreamedBody stream = response.body()) {
                if (response.statusCode() != 200) {
                    throw refused(response, stream);
                }
                AnswerReader reader = new AnswerReader(codec, deltas);
                read(response, stream, reader);
                return reader.answer();
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

    private void read(HttpResponse<StreamedBody> response, StreamedBody stream, AnswerReader reader)
            throws IOException, InterruptedException, TimeoutException {
        String type = response.headers().firstValue("content-type").orElse("");
        if (type.startsWith("application/json")) {
            byte[] body = stream.rest(MAX_EVENT, silence);
            if (isStream(body)) { // it streams after all, and says otherwise
                feed(new EventStream(MAX_EVENT, reader::event), ByteBuffer.wrap(body));
            } else {
                reader.whole(body);
            }
            if (!reader.finished()) {
                throw new IOException("the answer was cut off");
            }
            return;
        }
        if (type.startsWith("text/html")) {
            throw new KoshiException(
                    ErrorCode.METHOD_ERROR,
                    "the model's service answered a web page, no chat completion; check endpoint");
        }
        try {
            if (!stream.each(new Chunks(reader)) && !reader.finished()) {
                throw new IOException("the answer was cut off");
            }
        } catch (IOException | TimeoutException e) {
            if (!reader.finished()) {
                throw e;
            } // the answer is whole, and the count of tokens never came
        }
    }

    private static boolean isStream(byte[] body) {
        String head = new String(body, 0, Math.min(body.length, 16), StandardCharsets.UTF_8).stripLeading();
        return head.startsWith("data:") || head.startsWith(":") || head.startsWith("event:");
    }

    /** Feeds a stream to its reader, and says how long to wait for more. Confined to one thread at a time. */
    private final class Chunks implements StreamedBody.Reader {
        private final AnswerReader reader;
        private final EventStream events;
        private long bytes;
        private long finishedAt;

        Chunks(AnswerReader reader) {
            this.reader = reader;
            this.events = new EventStream(MAX_EVENT, reader::event);
        }

        @Override
        public boolean take(ByteBuffer buffer) {
            bytes += buffer.remaining();
            feed(events, buffer);
            if (bytes > MAX_STREAM) {
                throw new KoshiException(ErrorCode.TOO_LARGE, "the model's service never came to an end");
            }
            if (reader.finished() && finishedAt == 0) {
                finishedAt = System.nanoTime();
            }
            boolean late = finishedAt != 0 && System.nanoTime() - finishedAt > COUNT.toNanos();
            return !reader.done() && !late; // what keeps a stream open for ever is no count
        }

        @Override
        public Duration silence() {
            return reader.finished() && COUNT.compareTo(silence) < 0 ? COUNT : silence;
        }
    }

    private static void feed(EventStream events, ByteBuffer buffer) {
        try {
            events.feed(buffer);
        } catch (IllegalStateException tooLong) {
            throw new KoshiException(
                    ErrorCode.METHOD_ERROR,
                    "the model's service answered what cannot be read: " + tooLong.getMessage());
        }
    }

    private KoshiException refused(HttpResponse<StreamedBody> response, StreamedBody stream)
            throws InterruptedException {
        Refusal refusal = refusal(stream.rest(MAX_ERROR, silence));
        return new Refusal(hidden(refusal.sentence()), refusal.kind())
                .failure(response.statusCode(), RetryAfter.of(response.headers()));
    }

    /** The service's own sentence; what is no error of its kind is not shown. */
    private Refusal refusal(byte[] error) {
        try {
            return codec.parseJson(error) instanceof Map<?, ?> data
                    ? Refusal.in(data).orElse(new Refusal("", ""))
                    : new Refusal("", "");
        } catch (KoshiException notJson) {
            return new Refusal("something that is no error of such a service; check endpoint", "");
        }
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
        try {
            URI given = URI.create(base);
            if (given.getHost() != null && List.of("http", "https").contains(given.getScheme())) {
                boolean bare = given.getPath() == null || given.getPath().isEmpty();
                return base.endsWith(PATH) ? given : URI.create(base + (bare ? "/v1" : "") + PATH);
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
