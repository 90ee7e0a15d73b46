package io.koshi.rest.internal;

import io.koshi.api.HttpProblem;
import io.koshi.api.KoshiException;
import io.koshi.auth.Auth;
import io.koshi.codec.Codec;
import io.koshi.config.Settings;
import io.koshi.rpc.Caller;
import io.koshi.rpc.MethodInfo;
import io.koshi.rpc.Registry;
import io.koshi.rpc.Scope;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code /api/v1/NOUN/VERB}: any method by POST, those that only look by GET too. Thread-safe. */
final class MethodCalls {
    private static final Logger LOG = LoggerFactory.getLogger("io.koshi.rest");

    private final Registry registry;
    private final Auth auth;
    private final Codec codec;
    private final Settings settings;
    private final Supplier<Once> once;
    private final Query query;

    /** @param once made when the first request wants it */
    MethodCalls(Registry registry, Auth auth, Codec codec, Settings settings, Supplier<Once> once) {
        this.registry = registry;
        this.auth = auth;
        this.codec = codec;
        this.settings = settings;
        this.once = once;
        this.query = new Query(codec);
    }

    /** What is to be called, once everything about it is read and believed. */
    private record Call(Caller caller, MethodInfo method, Map<String, Object> params, Duration deadline) {}

    void serve(HttpServletRequest ask, HttpServletResponse answer) throws IOException {
        Call call;
        Optional<Once.Claim> claim;
        try {
            Caller caller = auth.http(Ask.knock(ask));
            MethodInfo method = method(caller, Ask.method(ask.getPathInfo()));
            if (Ask.looks(ask)) {
                if (method.scope() != Scope.READ) {
                    Answer.notAllowed(answer, "POST", method.name() + " changes something: POST it");
                    return;
                }
                call = new Call(caller, method, query.params(ask.getQueryString(), method.params()), Ask.deadline(ask));
                claim = Optional.empty();
            } else if (ask.getMethod().equals("POST")) {
                Ask.mustBeJson(ask);
                byte[] body =
                        Ask.body(ask, settings.config().gateway().maxFrame().bytes());
                call = new Call(caller, method, Ask.params(codec, body), Ask.deadline(ask));
                claim = claim(ask, call, body);
            } else {
                Answer.notAllowed(answer, method.scope() == Scope.READ ? "GET, HEAD, POST" : "POST", "use POST");
                return;
            }
        } catch (KoshiException e) {
            Answer.refuse(answer, e);
            return;
        }
        if (claim.isPresent() && claim.get().before().isPresent()) {
            answer.setHeader("Idempotency-Replayed", "true");
            claim.get().before().get().write(answer);
            return;
        }
        call(ask, answer, call, claim);
    }

    /** Before the body is read: the method is there and this caller may call it; the registry asks again. */
    private MethodInfo method(Caller caller, String name) {
        MethodInfo method = registry.find(name).orElse(null);
        if (method == null || !caller.may(method.noun(), method.scope())) {
            // as one who may nothing: the registry says what is wrong, and calls nothing whatever comes meanwhile
            registry.ask(new Caller(caller.name(), Set.of()), name, Map.of());
            throw KoshiException.notFound("there is no method " + name);
        }
        return method;
    }

    private Optional<Once.Claim> claim(HttpServletRequest ask, Call call, byte[] body) {
        String key = ask.getHeader("Idempotency-Key");
        return key == null || call.method().scope() == Scope.READ
                ? Optional.empty()
                : Optional.of(once.get()
                        .claim(call.caller().name(), key, call.method().name(), body));
    }

    private void call(HttpServletRequest ask, HttpServletResponse answer, Call call, Optional<Once.Claim> claim)
            throws IOException {
        CompletableFuture<Answer.Document> written = registry.call(
                        call.caller(), call.method().name(), call.params(), call.deadline())
                .handle(this::document)
                .toCompletableFuture();
        CompletableFuture<Answer.Document> kept =
                claim.map(mine -> written.thenCompose(done -> keep(mine, done))).orElse(written);
        if (kept.isDone()) {
            kept.join().write(answer);
            return;
        }
        AsyncContext exchange = ask.startAsync();
        exchange.setTimeout(0); // the registry ends every call at its deadline
        kept.thenAccept(done -> {
            try {
                done.write(answer);
            } catch (IOException gone) {
                LOG.debug("A client did not wait for its answer: {}", gone.getMessage());
            } finally {
                exchange.complete();
            }
        });
    }

    private Answer.Document document(Object value, Throwable failure) {
        try {
            return failure == null
                    ? Answer.Document.of(codec.json(value))
                    : Answer.Document.of(HttpProblem.of(Answer.known(failure)));
        } catch (RuntimeException e) {
            return Answer.Document.of(HttpProblem.of(Answer.known(e)));
        }
    }

    /** An answer that cannot be kept is given all the same: the key then says that it cannot be known. */
    private CompletableFuture<Answer.Document> keep(Once.Claim mine, Answer.Document done) {
        return once.get().answered(mine.id(), done.status(), done.body()).handle((kept, failure) -> {
            if (failure != null) {
                LOG.warn("The answer to a request with an Idempotency-Key was not kept: {}", failure.getMessage());
            }
            return done;
        });
    }
}
