package io.koshi.rest.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.auth.Auth;
import io.koshi.auth.WebSession;
import io.koshi.codec.Codec;
import io.koshi.rpc.Caller;
import io.koshi.rpc.Scope;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Set;

/**
 * {@code /docs}, {@code /openapi.json} and {@code /login}: pages that load nothing from anywhere else, and say so to
 * the browser. Thread-safe.
 */
final class Pages {
    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline';"
            + " img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    private static final int LONGEST_LOGIN = 4096;

    private static final String OURS = "docs/";
    /** Where the bundle's Swagger UI stands, as its bnd.bnd says. */
    private static final String SWAGGER = "/META-INF/resources/webjars/swagger-ui/5.34.1/";

    private record File(String resource, String type) {}

    private static final Map<String, File> FILES = Map.of(
            "/docs", new File(OURS + "docs.html", "text/html; charset=utf-8"),
            "/docs/docs.js", new File(OURS + "docs.js", "text/javascript; charset=utf-8"),
            "/docs/swagger-ui.css", new File(SWAGGER + "swagger-ui.css", "text/css; charset=utf-8"),
            "/docs/swagger-ui-bundle.js", new File(SWAGGER + "swagger-ui-bundle.js", "text/javascript; charset=utf-8"),
            "/docs/favicon-32x32.png", new File(SWAGGER + "favicon-32x32.png", "image/png"),
            "/login", new File(OURS + "login.html", "text/html; charset=utf-8"),
            "/docs/login.js", new File(OURS + "login.js", "text/javascript; charset=utf-8"));

    private final Auth auth;
    private final Codec codec;
    private final OpenApi openApi;

    Pages(Auth auth, Codec codec, OpenApi openApi) {
        this.auth = auth;
        this.codec = codec;
        this.openApi = openApi;
    }

    void serve(String path, HttpServletRequest ask, HttpServletResponse answer) throws IOException {
        try {
            boolean get = Ask.looks(ask);
            if (path.equals("/openapi.json") && get) {
                contract(ask, answer);
            } else if (path.equals("/login") && ask.getMethod().equals("POST")) {
                login(ask, answer);
            } else if (path.equals("/") && get) {
                front(ask, answer);
            } else if (get || !known(path)) {
                page(path.equals("/docs/") ? "/docs" : path, ask, answer);
            } else {
                Answer.notAllowed(answer, path.equals("/login") ? "GET, HEAD, POST" : "GET, HEAD", "GET it");
            }
        } catch (KoshiException e) {
            Answer.refuse(answer, e);
        }
    }

    private static boolean known(String path) {
        return FILES.containsKey(path) || Set.of("/", "/docs/", "/openapi.json").contains(path);
    }

    /** A person who opens the address that 'koshi start' prints is led to what there is to see. */
    private void front(HttpServletRequest ask, HttpServletResponse answer) {
        auth.sameHouse(Ask.knock(ask));
        answer.setStatus(302);
        answer.setHeader("Location", "/docs");
        answer.setHeader("Cache-Control", "no-store");
    }

    private void contract(HttpServletRequest ask, HttpServletResponse answer) throws IOException {
        Caller caller = auth.http(Ask.knock(ask));
        if (!caller.may("hub", Scope.READ)) {
            throw new KoshiException(ErrorCode.FORBIDDEN, caller.name() + " needs the scope hub.read");
        }
        OpenApi.Edition edition = openApi.latest();
        answer.setHeader("ETag", edition.tag());
        if (edition.tag().equals(ask.getHeader("If-None-Match"))) {
            answer.setStatus(304);
            return;
        }
        Answer.write(answer, 200, "application/json", edition.json());
        answer.setHeader("Cache-Control", "private, no-cache");
    }

    private void login(HttpServletRequest ask, HttpServletResponse answer) throws IOException {
        auth.sameHouse(Ask.knock(ask));
        Ask.mustBeJson(ask);
        Object code = Ask.params(codec, Ask.body(ask, LONGEST_LOGIN)).get("code");
        if (!(code instanceof String text)) {
            throw KoshiException.invalid("/code", "is what stands behind # in the link of 'koshi web'");
        }
        WebSession session = auth.redeem(text, ask.getRemoteAddr());
        answer.setHeader("Set-Cookie", session.cookie());
        Answer.write(
                answer,
                200,
                "application/json",
                codec.json(Map.of("idleMs", session.idle().toMillis())));
    }

    private void page(String path, HttpServletRequest ask, HttpServletResponse answer) throws IOException {
        auth.sameHouse(Ask.knock(ask));
        File file = FILES.get(path);
        if (file == null) {
            throw KoshiException.notFound("there is nothing at " + path + "; /docs shows what this hub can do");
        }
        try (InputStream in = Pages.class.getResourceAsStream(file.resource())) {
            byte[] body = in.readAllBytes();
            answer.setHeader("Content-Security-Policy", POLICY);
            answer.setHeader("Referrer-Policy", "no-referrer");
            Answer.write(answer, 200, file.type(), body);
            answer.setHeader("Cache-Control", "private, max-age=600");
        }
    }
}
