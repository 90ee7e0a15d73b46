package io.koshi.auth.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.auth.Knock;
import io.koshi.auth.WebSession;
import io.koshi.rpc.Caller;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KnockTest {
    private static final String HOST = "127.0.0.1:3000";
    private static final String OURS = "http://127.0.0.1:3000";

    @TempDir
    Path home;

    private AuthHouse house;
    private TokenAuth auth;
    private TokenMethods methods;

    @BeforeEach
    void build() {
        house = new AuthHouse(home);
        auth = house.open();
        methods = new TokenMethods(auth);
    }

    @AfterEach
    void leave() {
        house.close();
    }

    @Test
    void turnsAwayForeignHostsAndPagesWhateverTokenTheyHave() throws Exception {
        String token = "Bearer " + Files.readString(home.resolve("token")).strip();
        for (String host : new String[] {null, "evil.example", "127.0.0.1.evil.example:3000", "10.0.0.1", ""}) {
            refuses(ErrorCode.FORBIDDEN, new Knock("GET", host, null, null, token, null, "127.0.0.1"));
        }
        for (String origin : List.of(
                "http://evil.example",
                "https://127.0.0.1:3000.evil.example",
                "null",
                "",
                "http://127.0.0.1:3001",
                "http://localhost:3000")) {
            refuses(ErrorCode.FORBIDDEN, new Knock("POST", HOST, origin, null, token, null, "127.0.0.1"));
        }
        assertThat(auth.http(new Knock("POST", HOST, OURS, null, token, null, "127.0.0.1"))
                        .name())
                .isEqualTo("token:admin");
        assertThat(auth.http(new Knock("POST", "[::1]:3000", null, "a=b", token, null, "::1"))
                        .name())
                .isEqualTo("token:admin");
    }

    @Test
    void answersToAnyHostBehindAProxyAndStillToNoForeignPage() throws Exception {
        house.configure(Map.of("http", Map.of("proxy", true)));
        String token = "Bearer " + Files.readString(home.resolve("token")).strip();
        auth.http(new Knock("GET", "hub.example", "https://hub.example", null, token, null, "10.0.0.1"));
        refuses(
                ErrorCode.FORBIDDEN,
                new Knock("GET", "hub.example", "https://evil.example", null, token, null, "10.0.0.1"));
    }

    @Test
    void refusesACredentialInTheUrl() throws Exception {
        String token = Files.readString(home.resolve("token")).strip();
        for (String query : List.of("token=" + token, "a=b&access_token=x", "api_key=", "authorization=x")) {
            refuses(
                    ErrorCode.INVALID_PARAMS,
                    new Knock("GET", HOST, null, query, "Bearer " + token, null, "127.0.0.1"));
        }
    }

    @Test
    void letsABrowserInOnceByALink() {
        String code = code(Caller.admin("socket"));
        String cookie = cookie(code);

        Caller caller = auth.http(browser("GET", null, cookie));
        assertThat(caller.name()).isEqualTo("web:socket");
        assertThat(caller.scopes()).containsExactly("*");
        assertThatThrownBy(() -> auth.redeem(code, "127.0.0.1"))
                .isInstanceOfSatisfying(
                        KoshiException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAUTHORIZED));
    }

    @Test
    void setsACookieThatScriptsAndOtherSitesNeverSee() {
        assertThat(auth.redeem(code(Caller.admin("socket")), "127.0.0.1").cookie())
                .matches("koshi-[0-9a-f]+=[A-Za-z0-9_-]{43}; Path=/; HttpOnly; SameSite=Strict");
        house.configure(Map.of("http", Map.of("proxy", true)));
        WebSession secure = auth.redeem(code(Caller.admin("socket")), "127.0.0.1");
        assertThat(secure.cookie()).endsWith("; Secure");
    }

    @Test
    void changesNothingByACookieAloneUnlessOurOwnPageSentIt() {
        String cookie = cookie(code(Caller.admin("socket")));
        refuses(ErrorCode.FORBIDDEN, browser("POST", null, cookie));
        refuses(ErrorCode.FORBIDDEN, browser("DELETE", null, cookie));
        refuses(ErrorCode.FORBIDDEN, browser("POST", "http://evil.example", cookie));
        assertThat(auth.http(browser("POST", OURS, cookie)).name()).isEqualTo("web:socket");
    }

    @Test
    void endsASessionThatIsIdleOrTooOldOrEnded() {
        String idle = cookie(code(Caller.admin("socket")));
        String used = cookie(code(Caller.admin("socket")));
        house.pass(WebSessions.IDLE.minusMinutes(1));
        auth.http(browser("GET", null, used));
        house.pass(Duration.ofMinutes(2));
        refuses(ErrorCode.UNAUTHORIZED, browser("GET", null, idle));
        Caller caller = auth.http(browser("GET", null, used));
        AtomicInteger closed = new AtomicInteger();
        auth.onRevoked(caller, closed::incrementAndGet);

        methods.revoke(new TokenMethods.Name("web"), Caller.admin("socket"));

        refuses(ErrorCode.UNAUTHORIZED, browser("GET", null, used));
        await().until(() -> closed.get() == 1);
    }

    @Test
    void endsASessionWithTheTokenItsLinkWasMadeBy() {
        String token = methods.create(
                        new TokenMethods.CreateParams("me", List.of("token.write", "hub.read"), Optional.empty()),
                        Caller.admin("socket"))
                .token();
        Caller me = auth.bearer("Bearer " + token, "127.0.0.1");
        String cookie = cookie(code(me));
        assertThat(auth.http(browser("GET", null, cookie)).scopes())
                .containsExactlyInAnyOrder("token.write", "hub.read");

        methods.revoke(new TokenMethods.Name("me"), Caller.admin("socket"));

        refuses(ErrorCode.UNAUTHORIZED, browser("GET", null, cookie));
    }

    @Test
    void forgetsALinkThatNobodyOpenedInTime() {
        String code = code(Caller.admin("socket"));
        house.pass(WebSessions.CODE_LIFE);
        assertThatThrownBy(() -> auth.redeem(code, "127.0.0.1")).isInstanceOf(KoshiException.class);
    }

    @Test
    void countsWrongCookiesCodesAndTokensTogether() {
        String cookie = cookie(code(Caller.admin("socket")));
        String wrong = cookie.substring(0, cookie.length() - 1) + (cookie.endsWith("A") ? "B" : "A");
        for (int i = 0; i < 4; i++) {
            refuses(ErrorCode.UNAUTHORIZED, browser("GET", null, wrong));
            refuses(ErrorCode.UNAUTHORIZED, new Knock("GET", HOST, null, null, "Bearer x", null, "127.0.0.1"));
            if (i < 2) {
                assertThatThrownBy(() -> auth.redeem("x", "127.0.0.1")).isInstanceOf(KoshiException.class);
            }
        }
        refuses(ErrorCode.OVERLOADED, browser("GET", null, cookie));
    }

    private String code(Caller granter) {
        return methods.link(granter).path().replace("/login#", "");
    }

    private String cookie(String code) {
        return auth.redeem(code, "127.0.0.1").cookie().replaceFirst(";.*", "");
    }

    private static Knock browser(String method, String origin, String cookie) {
        return new Knock(method, HOST, origin, null, null, "theme=dark; " + cookie, "127.0.0.1");
    }

    private void refuses(ErrorCode code, Knock knock) {
        assertThatThrownBy(() -> auth.http(knock))
                .isInstanceOfSatisfying(
                        KoshiException.class, e -> assertThat(e.code()).isEqualTo(code));
    }
}
