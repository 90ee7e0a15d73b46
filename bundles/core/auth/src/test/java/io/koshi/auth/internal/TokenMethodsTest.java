package io.koshi.auth.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.auth.internal.TokenMethods.CreateParams;
import io.koshi.auth.internal.TokenMethods.Created;
import io.koshi.auth.internal.TokenMethods.Known;
import io.koshi.auth.internal.TokenMethods.Name;
import io.koshi.rpc.Caller;
import io.koshi.rpc.Scope;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenMethodsTest {
    private static final String REMOTE = "127.0.0.1";
    private static final Caller OWNER = Caller.admin("socket");

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
    void letsInWhoShowsATokenWithTheScopesItWasGiven() {
        Created ci = create("ci", "session.read", "memory.write");

        Caller caller = bearer(ci.token());
        assertThat(caller.name()).isEqualTo("token:ci");
        assertThat(caller.may("session", Scope.READ)).isTrue();
        assertThat(caller.may("session", Scope.WRITE)).isFalse();
        assertThat(caller.may("memory", Scope.READ)).isTrue();
        assertThat(caller.may("hub", Scope.READ)).isFalse();
    }

    @Test
    void knowsItsTokensAfterARestartAndKeepsNoneOfTheirText() throws Exception {
        Created ci = create("ci", "*.read");
        auth = house.open();

        assertThat(bearer(ci.token()).name()).isEqualTo("token:ci");
        String secret = ci.token().split("_", 3)[2]; // the secret may have a _ too
        try (var files = Files.list(home)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
                        .as(file.toString())
                        .doesNotContain(secret);
            }
        }
    }

    @Test
    void refusesATokenThatDiffersInOneCharacterOrEndsEarly() {
        String token = create("ci", "*.read").token();
        char last = token.charAt(token.length() - 1) == 'A' ? 'B' : 'A';
        for (String wrong : List.of(
                token.substring(0, token.length() - 1) + last,
                token.substring(0, token.length() - 1),
                token + "A",
                token.substring(0, token.lastIndexOf('_')),
                token.toUpperCase(Locale.ROOT),
                "koshi_",
                "koshi__")) {
            refuses(ErrorCode.UNAUTHORIZED, () -> bearer(wrong));
        }
    }

    @Test
    void letsNobodyGrantRotateOrRevokeMoreThanHeHolds() {
        Caller some =
                bearer(create("some", "token.write", "session.write", "*.read").token());
        create("strong", "hub.admin");
        create("weak", "session.read");

        for (String scope : List.of("*", "*.write", "*.admin", "session.admin", "memory.write", "hub.admin")) {
            refuses(ErrorCode.FORBIDDEN, () -> create(some, "more", scope));
        }
        refuses(ErrorCode.FORBIDDEN, () -> methods.rotate(new Name("strong"), some));
        refuses(ErrorCode.FORBIDDEN, () -> methods.revoke(new Name("strong"), some));
        refuses(ErrorCode.FORBIDDEN, () -> methods.rotate(new Name("admin"), some));
        refuses(ErrorCode.FORBIDDEN, () -> methods.revoke(new Name("web"), some));
        assertThat(create(some, "less", "session.read", "memory.read", "token.write")
                        .scopes())
                .hasSize(3);
        assertThat(methods.rotate(new Name("weak"), some).token()).startsWith("koshi_");
        methods.revoke(new Name("weak"), some);
        assertThat(names()).containsExactlyInAnyOrder("admin", "less", "some", "strong");
    }

    @Test
    void letsNoRunGrantAnything() {
        Caller run = OWNER.as("run:R1");
        refuses(ErrorCode.FORBIDDEN, () -> create(run, "mine", "hub.read"));
        refuses(ErrorCode.FORBIDDEN, () -> methods.rotate(new Name("admin"), run));
        refuses(ErrorCode.FORBIDDEN, () -> methods.link(run));
    }

    @Test
    void refusesWhatIsNoScopeOrNoName() {
        for (String scope : List.of("", "session", "session.", "session.everything", "Session.read", ".read", "**")) {
            refuses(ErrorCode.INVALID_PARAMS, () -> create("ci", scope));
        }
        for (String name : List.of("", "Ci", "a b", "-x", "admin", "web", "a/b", "x".repeat(65))) {
            refuses(ErrorCode.INVALID_PARAMS, () -> create(name, "hub.read"));
        }
        create("ci", "hub.read");
        refuses(ErrorCode.CONFLICT, () -> create("ci", "hub.read"));
        refuses(ErrorCode.NOT_FOUND, () -> methods.revoke(new Name("none"), OWNER));
        refuses(ErrorCode.CONFLICT, () -> methods.revoke(new Name("admin"), OWNER));
    }

    @Test
    void closesWhatIsOpenByARevokedTokenAndNothingElse() throws Exception {
        Caller one = bearer(create("one", "*.read").token());
        Caller other = bearer(create("other", "*.read").token());
        AtomicInteger closed = new AtomicInteger();
        AtomicInteger kept = new AtomicInteger();
        auth.onRevoked(one, closed::incrementAndGet);
        auth.onRevoked(one, closed::incrementAndGet);
        AutoCloseable gone = auth.onRevoked(one, kept::incrementAndGet);
        gone.close();
        auth.onRevoked(other, kept::incrementAndGet);
        auth.onRevoked(OWNER, kept::incrementAndGet);

        methods.revoke(new Name("one"), OWNER);

        await().until(() -> closed.get() == 2);
        assertThat(kept).hasValue(0);
    }

    @Test
    void tellsAConnectionThatComesInWhileItsTokenGoes() {
        Caller late = bearer(create("late", "*.read").token());
        methods.revoke(new Name("late"), OWNER);
        AtomicInteger closed = new AtomicInteger();
        auth.onRevoked(late, closed::incrementAndGet);
        await().until(() -> closed.get() == 1);
    }

    @Test
    void holdsTheNewSecretAndNotTheOldOneAfterARotation() {
        Created old = create("ci", "*.read");
        AtomicInteger closed = new AtomicInteger();
        auth.onRevoked(bearer(old.token()), closed::incrementAndGet);

        Created fresh = methods.rotate(new Name("ci"), OWNER);

        assertThat(fresh.scopes()).isEqualTo(old.scopes());
        refuses(ErrorCode.UNAUTHORIZED, () -> bearer(old.token()));
        assertThat(bearer(fresh.token()).name()).isEqualTo("token:ci");
        await().until(() -> closed.get() == 1);
        auth = house.open();
        refuses(ErrorCode.UNAUTHORIZED, () -> bearer(old.token()));
        assertThat(bearer(fresh.token()).name()).isEqualTo("token:ci");
    }

    @Test
    void rotatesTheAdminTokenInItsFileAndClosesWhatIsOpenByIt() throws Exception {
        String old = Files.readString(home.resolve("token")).strip();
        AtomicInteger closed = new AtomicInteger();
        auth.onRevoked(bearer(old), closed::incrementAndGet);

        Created fresh = methods.rotate(new Name("admin"), OWNER);

        assertThat(Files.readString(home.resolve("token")).strip()).isEqualTo(fresh.token());
        refuses(ErrorCode.UNAUTHORIZED, () -> bearer(old));
        assertThat(bearer(fresh.token()).scopes()).containsExactly("*");
        await().until(() -> closed.get() == 1);
    }

    @Test
    void closesWhatIsOpenWithinFiveSecondsOfATokenFileEditedByHand() throws Exception {
        AtomicInteger closed = new AtomicInteger();
        auth.onRevoked(bearer(Files.readString(home.resolve("token")).strip()), closed::incrementAndGet);
        Files.writeString(home.resolve("token"), "a-token-of-my-own-making");
        await().until(() -> closed.get() == 1);
    }

    @Test
    void endsATokenAtItsTimeAndWhatIsOpenByIt() {
        Created brief =
                methods.create(new CreateParams("brief", List.of("*.read"), Optional.of(Duration.ofHours(1))), OWNER);
        Caller caller = bearer(brief.token());
        AtomicInteger closed = new AtomicInteger();
        auth.onRevoked(caller, closed::incrementAndGet);

        house.pass(Duration.between(house.instant(), brief.expiresAt().orElseThrow()));

        refuses(ErrorCode.UNAUTHORIZED, () -> bearer(brief.token()));
        await().until(() -> closed.get() == 1);
    }

    @Test
    void givesNoTokenALongerLifeThanItsMakers() {
        Created brief = methods.create(
                new CreateParams("brief", List.of("token.write", "hub.read"), Optional.of(Duration.ofHours(1))), OWNER);
        Caller caller = bearer(brief.token());
        assertThat(create(caller, "child", "hub.read").expiresAt()).isEqualTo(brief.expiresAt());
        assertThat(methods.create(
                                new CreateParams("sooner", List.of("hub.read"), Optional.of(Duration.ofMinutes(1))),
                                caller)
                        .expiresAt()
                        .orElseThrow())
                .isBefore(brief.expiresAt().orElseThrow());
        refuses(
                ErrorCode.INVALID_PARAMS,
                () -> methods.create(
                        new CreateParams("never", List.of("hub.read"), Optional.of(Duration.ZERO)), OWNER));
        refuses(
                ErrorCode.INVALID_PARAMS,
                () -> methods.create(
                        new CreateParams("always", List.of("hub.read"), Optional.of(Duration.ofMillis(Long.MAX_VALUE))),
                        OWNER));
    }

    private Created create(String name, String... scopes) {
        return create(OWNER, name, scopes);
    }

    private Created create(Caller by, String name, String... scopes) {
        return methods.create(new CreateParams(name, List.of(scopes), Optional.empty()), by);
    }

    private Caller bearer(String token) {
        return auth.bearer("Bearer " + token, REMOTE);
    }

    private Set<String> names() {
        return Set.copyOf(methods.list().tokens().stream().map(Known::name).toList());
    }

    private static void refuses(ErrorCode code, Runnable attempt) {
        assertThatThrownBy(attempt::run)
                .isInstanceOfSatisfying(
                        KoshiException.class, e -> assertThat(e.code()).isEqualTo(code));
    }
}
