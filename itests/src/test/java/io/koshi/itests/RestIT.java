package io.koshi.itests;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** Every method over plain HTTP, with the same scopes, errors and limits as on every other door. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class RestIT {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    static Path home;

    private static Daemon daemon;
    private static String admin;
    private static Socket dripping;
    private static Thread drip;
    private static final int LATE = Integer.MAX_VALUE - 1;
    private static final int LAST = Integer.MAX_VALUE;
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    @BeforeAll
    static void start() throws Exception {
        daemon = Daemon.in(home)
                .config("http: { port: 0 }\ngateway: { maxFrame: 1MB }\n")
                .start();
        admin = Files.readString(home.resolve("token")).strip();
        dripping = new Socket("127.0.0.1", daemon.http().getPort());
        dripping.getOutputStream()
                .write(("POST /api/v1/memory/query HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                                + "Authorization: Bearer " + admin + "\r\nContent-Length: 1000\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
        drip = new Thread(RestIT::drip);
        drip.start();
    }

    /** A byte now and then, beside all the other tests. */
    private static void drip() {
        try {
            while (true) {
                dripping.getOutputStream().write(' ');
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(400));
            }
        } catch (IOException cut) {
            return;
        }
    }

    @AfterAll
    static void stop() throws IOException {
        dripping.close();
        daemon.close();
    }

    @Test
    void callsAnyMethodByPostAndThoseThatLookByGet() throws Exception {
        HttpResponse<String> stored =
                post("/api/v1/memory/store", "{\"content\":\"REST is plain\",\"tags\":[\"a\",\"b\"]}");
        assertThat(stored.statusCode()).isEqualTo(200);
        assertThat(stored.headers().firstValue("Content-Type")).contains("application/json");
        long id = body(stored).path("id").asLong();

        JsonNode found = body(get("/api/v1/memory/query?query=plain&limit=1"));
        assertThat(found.path("memories").get(0).path("id").asLong()).isEqualTo(id);
        assertThat(body(post("/api/v1/memory/query", "{\"query\":\"plain\",\"limit\":1}"))
                        .path("memories"))
                .hasSize(1);
        assertThat(body(post("/api/v1/hub/status", "")).path("state").asText()).isEqualTo("ready");
        assertThat(get("/api/v1/memory/store?content=x").statusCode()).isEqualTo(405);
        assertThat(get("/api/v1/memory/store?content=x").headers().firstValue("Allow"))
                .contains("POST");
        HttpResponse<String> deleted =
                send(ask("/api/v1/memory/query").method("DELETE", HttpRequest.BodyPublishers.noBody()), admin);
        assertThat(deleted.statusCode()).isEqualTo(405);
    }

    @Test
    void saysWhatIsWrongAsAProblemWithACode() throws Exception {
        problem(get("/api/v1/memory/query?query=x&limit=nine"), 400, "INVALID_PARAMS", "/limit");
        problem(get("/api/v1/memory/query?query=x&limit=1&limit=2"), 400, "INVALID_PARAMS", "/limit");
        problem(get("/api/v1/memory/query?query=x&limitt=1"), 400, "INVALID_PARAMS", "/limitt");
        try (Socket raw = new Socket("127.0.0.1", daemon.http().getPort())) {
            raw.getOutputStream()
                    .write(("GET /api/v1/memory/query?query=%zz HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
                                    + admin + "\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            assertThat(statusLine(raw)).contains(" 400 ");
        }
        problem(post("/api/v1/memory/query", "{\"query\":7}"), 400, "INVALID_PARAMS", "/query");
        problem(post("/api/v1/memory/query", "[]"), 400, "INVALID_PARAMS", "");
        problem(get("/api/v1/memory/querry"), 404, "NO_HANDLER", null);
        problem(get("/api/v1/"), 404, "NO_HANDLER", null);
        problem(get("/api/v1/memory/../hub/status/x"), 404, "NO_HANDLER", null);
        problem(get("/api/v1/task/get?taskId=none"), 404, "NOT_FOUND", null);
    }

    @Test
    void answersHeadAsGetAndOtherMethodsWithThoseItAllows() throws Exception {
        for (String path : List.of("/api/v1/hub/status", "/openapi.json", "/docs", "/login", "/v1/models", "/health")) {
            HttpResponse<String> head = send(ask(path).method("HEAD", HttpRequest.BodyPublishers.noBody()), admin);
            assertThat(head.statusCode()).as(path).isEqualTo(200);
            assertThat(head.headers().firstValue("Content-Type")).as(path).isPresent();
            assertThat(head.body()).isEmpty();
        }
        for (String path : List.of(
                "/api/v1/hub/status",
                "/api/v1/memory/store",
                "/api/tools/call",
                "/openapi.json",
                "/docs",
                "/login",
                "/v1/models",
                "/v1/chat/completions",
                "/mcp",
                "/events",
                "/health",
                "/metrics")) {
            for (String method : List.of("PUT", "PATCH", "TRACE", "BREW")) {
                HttpResponse<String> refused =
                        send(ask(path).method(method, HttpRequest.BodyPublishers.noBody()), admin);
                assertThat(refused.statusCode()).as(method + " " + path).isEqualTo(405);
                assertThat(refused.headers().firstValue("Allow"))
                        .as(method + " " + path)
                        .isPresent();
            }
        }
        assertThat(send(ask("/events").method("HEAD", HttpRequest.BodyPublishers.noBody()), admin)
                        .statusCode())
                .as("a stream of which nothing is sent")
                .isEqualTo(405);
    }

    @Test
    void asksForNoBodyThatItRefuses() throws Exception {
        String known = "Authorization: Bearer " + admin + "\r\nContent-Length: ";
        for (String head : List.of("Content-Length: 20", "Content-Length: 500000", known + "2000000")) {
            try (Socket waiting = new Socket("127.0.0.1", daemon.http().getPort())) {
                waiting.getOutputStream()
                        .write(("POST /api/v1/memory/query HTTP/1.1\r\nHost: localhost\r\n" + head
                                        + "\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n\r\n")
                                .getBytes(StandardCharsets.US_ASCII));
                assertThat(statusLine(waiting)).as(head).containsPattern(" (401|413) ");
            }
        }
    }

    @Test
    void answersBadBodiesWith400AndNeverMore() throws Exception {
        for (String body : List.of(
                "{",
                "{\"query\":\"x\"",
                "{\"query\":NaN}",
                "{\"query\":\"x\",\"query\":\"y\"}",
                "{\"query\":\"x\"}{}",
                "{\"query\":\"x\",\"a\":" + "[".repeat(10_000) + "]".repeat(10_000) + "}",
                "[".repeat(10_000),
                "\u0000")) {
            HttpResponse<String> answer = post("/api/v1/memory/query", body);
            assertThat(answer.statusCode())
                    .as(body.substring(0, Math.min(40, body.length())))
                    .isEqualTo(400);
            assertThat(body(answer).path("code").asText()).isEqualTo("PARSE_ERROR");
        }
        byte[] noUtf8 = {'{', '"', 'q', '"', ':', '"', (byte) 0xc3, (byte) 0x28, '"', '}'};
        HttpResponse<String> answer = send(
                ask("/api/v1/memory/query")
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(noUtf8)),
                admin);
        problem(answer, 400, "PARSE_ERROR", null);
        problem(
                send(
                        ask("/api/v1/memory/query")
                                .header("Content-Type", "text/plain")
                                .POST(HttpRequest.BodyPublishers.ofString("{\"query\":\"x\"}")),
                        admin),
                400,
                "PARSE_ERROR",
                null);
        problem(post("/api/v1/memory/query", " ".repeat(2 << 20)), 413, "TOO_LARGE", null);
    }

    @Test
    void holdsATokenToItsScopes() throws Exception {
        String reader = token("reader", "memory.read", "hub.read");
        assertThat(send(ask("/api/v1/memory/stats").GET(), reader).statusCode()).isEqualTo(200);
        problem(send(json("/api/v1/memory/store", "{\"content\":\"x\"}"), reader), 403, "FORBIDDEN", null);
        problem(send(ask("/api/v1/session/list").GET(), reader), 403, "FORBIDDEN", null);
        problem(
                send(json("/api/v1/token/create", "{\"name\":\"x\",\"scopes\":[\"*\"]}"), reader),
                403,
                "FORBIDDEN",
                null);
        problem(send(ask("/api/v1/memory/stats").GET(), null), 401, "UNAUTHORIZED", null);
        problem(get("/api/v1/memory/stats?access_token=" + admin), 400, "INVALID_PARAMS", null);
        assertThat(send(
                                ask("/api/v1/memory/stats")
                                        .header("Origin", "http://evil.example")
                                        .GET(),
                                reader)
                        .statusCode())
                .isEqualTo(403);
        daemon.call("token.revoke", Map.of("name", "reader"));
        problem(send(ask("/api/v1/memory/stats").GET(), reader), 401, "UNAUTHORIZED", null);
    }

    @Test
    @Order(LAST)
    void doesARequestWithAnIdempotencyKeyOnceAlsoAfterAKill() throws Exception {
        String[] keyed = {"Authorization", "Bearer " + admin, "Idempotency-Key", "order-7"};
        String once = "{\"prompt\":\"once\",\"project\":\"keyed\"}";
        HttpResponse<String> first = daemon.post("/api/v1/task/enqueue", once, keyed);
        assertThat(first.statusCode()).as(first.body()).isEqualTo(200);
        HttpResponse<String> again = daemon.post("/api/v1/task/enqueue", once, keyed);
        assertThat(again.body()).isEqualTo(first.body());
        assertThat(again.headers().firstValue("Idempotency-Replayed")).contains("true");
        problem(daemon.post("/api/v1/task/enqueue", "{\"prompt\":\"twice\"}", keyed), 409, "CONFLICT", null);
        problem(daemon.post("/api/v1/memory/store", once, keyed), 409, "CONFLICT", null);

        daemon.kill();
        daemon.restart();

        assertThat(daemon.post("/api/v1/task/enqueue", once, keyed).body()).isEqualTo(first.body());
        assertThat(daemon.call("task.list", Map.of("project", "keyed")).path("tasks"))
                .hasSize(1);
        String[] empty = {"Authorization", "Bearer " + admin, "Idempotency-Key", " "};
        problem(daemon.post("/api/v1/task/enqueue", "{\"prompt\":\"x\"}", empty), 400, "INVALID_PARAMS", null);
    }

    @Test
    void doesOneOfThirtyEqualRequestsThatComeAtOnce() throws Exception {
        ExecutorService senders = Executors.newFixedThreadPool(30);
        try {
            List<Callable<HttpResponse<String>>> all = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                all.add(() -> send(
                        json("/api/v1/session/send", "{\"sessionKey\":\"console:thirty\",\"text\":\"once\"}")
                                .header("Idempotency-Key", "thirty"),
                        admin));
            }
            List<String> ids = new ArrayList<>();
            daemon.call("session.create", Map.of("sessionKey", "console:thirty"));
            for (Future<HttpResponse<String>> one : senders.invokeAll(all)) {
                HttpResponse<String> answer = one.get();
                assertThat(answer.statusCode()).as(answer.body()).isIn(200, 409);
                if (answer.statusCode() == 200) {
                    ids.add(body(answer).path("id").asText());
                }
            }
            assertThat(ids).isNotEmpty();
            assertThat(ids.stream().distinct()).hasSize(1);
        } finally {
            senders.shutdownNow();
        }
    }

    @Test
    void callsToolsAsScriptsOfOldDo() throws Exception {
        HttpResponse<String> stored = post(
                "/api/tools/call", "{\"tool\":\"memory_store\",\"input\":{\"content\":\"x marks it\",\"tags\":\"a\"}}");
        assertThat(stored.statusCode()).as(stored.body()).isEqualTo(200);
        assertThat(body(stored).path("result").asText()).isNotBlank();
        HttpResponse<String> missing = post("/api/tools/call", "{}");
        assertThat(missing.statusCode()).isEqualTo(400);
        assertThat(missing.body()).isEqualTo("{\"error\":\"Missing \\\"tool\\\" field\"}");
        HttpResponse<String> unknown = post("/api/tools/call", "{\"tool\":\"X\"}");
        assertThat(unknown.statusCode()).isEqualTo(200);
        assertThat(unknown.body()).isEqualTo("{\"result\":\"Unknown tool: X\"}");
        assertThat(send(json("/api/tools/call", "{}"), null).statusCode()).isEqualTo(401);
        assertThat(get("/api/tools/call").statusCode()).isEqualTo(405);
    }

    @Test
    void publishesItsContractAndTellsWhenItIsTheSame() throws Exception {
        HttpResponse<String> contract = get("/openapi.json");
        JsonNode document = body(contract);
        assertThat(document.path("openapi").asText()).isEqualTo("3.1.0");
        JsonNode methods = daemon.call("hub.methods", Map.of()).path("methods");
        assertThat(document.path("paths").size()).isEqualTo(methods.size());
        String tag = contract.headers().firstValue("ETag").orElseThrow();
        HttpResponse<String> same =
                send(ask("/openapi.json").header("If-None-Match", tag).GET(), admin);
        assertThat(same.statusCode()).isEqualTo(304);
        assertThat(send(ask("/openapi.json").GET(), null).statusCode()).isEqualTo(401);
    }

    @Test
    void answersEveryOperationAsItsDocumentSays() throws Exception {
        OpenApiWalk walk = new OpenApiWalk(
                body(get("/openapi.json")),
                (path, body) -> body == null ? get(path) : send(json(path, body).header("Prefer", "wait=5"), admin));
        assertThat(walk.faults()).isEmpty();
        assertThat(walk.calls()).isGreaterThan(500);
    }

    @Test
    void showsPagesThatLoadNothingFromElsewhere() throws Exception {
        for (String path : List.of(
                "/docs",
                "/login",
                "/docs/docs.js",
                "/docs/login.js",
                "/docs/swagger-ui-bundle.js",
                "/docs/swagger-ui.css",
                "/docs/favicon-32x32.png")) {
            HttpResponse<String> page = send(ask(path).GET(), null);
            assertThat(page.statusCode()).as(path).isEqualTo(200);
            assertThat(page.headers().firstValue("Content-Security-Policy").orElseThrow())
                    .contains("default-src 'none'", "connect-src 'self'", "frame-ancestors 'none'")
                    .doesNotContain("http:", "https:", "*");
            if (path.endsWith("docs") || path.endsWith("login")) {
                assertThat(page.body()).doesNotContain("http://", "https://");
            }
        }
        assertThat(send(ask("/docs/../token").GET(), null).statusCode()).isEqualTo(404);
        assertThat(send(ask("/docs/none").GET(), null).statusCode()).isEqualTo(404);
    }

    @Test
    void leadsFromItsAddressToWhatThereIsToSeeAndSaysWhereNothingIs() throws Exception {
        HttpResponse<String> front = send(ask("/").GET(), null);
        assertThat(front.statusCode()).isEqualTo(302);
        assertThat(front.headers().firstValue("Location")).contains("/docs");
        for (String path : List.of("/nowhere", "/docs/none", "/favicon.ico", "/webhook/nobody")) {
            problem(send(ask(path).GET(), null), 404, "NOT_FOUND", null);
            problem(send(ask(path).POST(HttpRequest.BodyPublishers.ofString("{}")), null), 404, "NOT_FOUND", null);
        }
        assertThat(send(ask("/").DELETE(), null).statusCode()).isEqualTo(405);
    }

    @Test
    void letsABrowserInByALinkAndOnlyItsOwnPagesActForIt() throws Exception {
        String code = daemon.call("token.link", Map.of()).path("path").asText().replace("/login#", "");
        String origin = daemon.http().toString();
        HttpResponse<String> login =
                send(json("/login", "{\"code\":\"" + code + "\"}").header("Origin", origin), null);
        assertThat(login.statusCode()).as(login.body()).isEqualTo(200);
        String cookie = login.headers().firstValue("Set-Cookie").orElseThrow().replaceFirst(";.*", "");

        assertThat(send(ask("/api/v1/hub/status").header("Cookie", cookie).GET(), null)
                        .statusCode())
                .isEqualTo(200);
        assertThat(send(
                                json("/api/v1/memory/stats", "{}")
                                        .header("Cookie", cookie)
                                        .header("Origin", origin),
                                null)
                        .statusCode())
                .isEqualTo(200);
        assertThat(send(json("/api/v1/memory/stats", "{}").header("Cookie", cookie), null)
                        .statusCode())
                .isEqualTo(403);
        assertThat(send(json("/login", "{\"code\":\"" + code + "\"}").header("Origin", origin), null)
                        .statusCode())
                .isEqualTo(401);
    }

    @Test
    @Order(LATE)
    void putsOutWhoSendsAByteNowAndThenAndServesOthersMeanwhile() throws Exception {
        assertThat(get("/api/v1/hub/status").statusCode()).isEqualTo(200);
        assertThat(statusLine(dripping)).contains(" 408 ");
        drip.join(120_000);
        assertThat(drip.isAlive()).isFalse();
        try (Socket unknown = new Socket("127.0.0.1", daemon.http().getPort())) {
            unknown.getOutputStream()
                    .write(
                            ("POST /api/v1/memory/query HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000000\r\n\r\n")
                                    .getBytes(StandardCharsets.US_ASCII));
            assertThat(statusLine(unknown)).as("before any of its body").contains(" 401 ");
        }
    }

    private static String token(String name, String... scopes) throws IOException {
        return daemon.call("token.create", Map.of("name", name, "scopes", List.of(scopes)))
                .path("token")
                .asText();
    }

    private static void problem(HttpResponse<String> answer, int status, String code, String path) throws IOException {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
        assertThat(body(answer).path("code").asText()).as(answer.body()).isEqualTo(code);
        if (path != null) {
            assertThat(body(answer).path("details").get(0).path("path").asText())
                    .isEqualTo(path);
        }
    }

    private static String statusLine(Socket socket) throws IOException {
        socket.setSoTimeout(120_000);
        return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII)).readLine();
    }

    private static HttpRequest.Builder ask(String path) {
        return HttpRequest.newBuilder(URI.create(daemon.http() + path)).timeout(Duration.ofMinutes(2));
    }

    private static HttpRequest.Builder json(String path, String body) {
        return ask(path).header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString(body));
    }

    private static HttpResponse<String> get(String path) throws Exception {
        return send(ask(path).GET(), admin);
    }

    private static HttpResponse<String> post(String path, String body) throws Exception {
        return send(json(path, body), admin);
    }

    private static HttpResponse<String> send(HttpRequest.Builder request, String token) throws Exception {
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        return CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static JsonNode body(HttpResponse<String> answer) throws IOException {
        return JSON.readTree(answer.body());
    }
}
