package io.koshi.auth.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.koshi.api.ErrorCode;
import io.koshi.api.Health;
import io.koshi.api.KoshiException;
import io.koshi.rpc.Scope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenAuthTest {
    private static final String REMOTE = "127.0.0.1";

    @TempDir
    Path home;

    private AuthHouse house;

    @BeforeEach
    void build() {
        house = new AuthHouse(home);
    }

    @AfterEach
    void leave() {
        house.close();
    }

    private TokenAuth auth() {
        return house.open();
    }

    private String token() throws IOException {
        return Files.readString(home.resolve("token")).strip();
    }

    private void write(String token) throws IOException {
        Path beside = home.resolve("token.mine");
        Files.writeString(beside, token);
        Files.move(beside, home.resolve("token"), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }

    private static void refuses(ErrorCode code, Runnable attempt) {
        assertThatThrownBy(attempt::run)
                .isInstanceOfSatisfying(
                        KoshiException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    @Test
    void makesATokenThatOnlyTheOwnerCanRead() throws Exception {
        TokenAuth auth = auth();
        assertThat(token()).matches("[A-Za-z0-9_-]{43}");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(home.resolve("token"))))
                .isEqualTo("rw-------");
        assertThat(auth.bearer("Bearer " + token(), REMOTE).may("hub", Scope.ADMIN))
                .isTrue();
        assertThat(auth.bearer("bearer " + token(), REMOTE).name()).isEqualTo("token:admin");
        assertThat(home)
                .isDirectoryContaining(path -> path.endsWith("token"))
                .isDirectoryNotContaining(path -> path.endsWith("token.new"));
    }

    @Test
    void keepsATokenThatIsThereAndTakesItFromOthers() throws Exception {
        write("a-token-of-my-own-making");
        Files.setPosixFilePermissions(home.resolve("token"), PosixFilePermissions.fromString("rw-r--r--"));
        TokenAuth auth = auth();
        assertThat(auth.bearer("Bearer a-token-of-my-own-making", REMOTE).name())
                .isEqualTo("token:admin");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(home.resolve("token"))))
                .isEqualTo("rw-------");
    }

    @Test
    void knowsANewTokenAtOnceAndTheOldOneNoMore() throws Exception {
        TokenAuth auth = auth();
        String old = token();
        write("a-token-of-my-own-making\n");
        assertThat(auth.bearer("Bearer a-token-of-my-own-making", REMOTE).name())
                .isEqualTo("token:admin");
        refuses(ErrorCode.UNAUTHORIZED, () -> auth.bearer("Bearer " + old, REMOTE));
    }

    @Test
    void letsNobodyInWhenTheTokenIsGoneOrTooShort() throws Exception {
        TokenAuth auth = auth();
        String old = token();
        assertThat(auth.health().status()).isEqualTo(Health.Status.HEALTHY);
        Files.delete(home.resolve("token"));
        refuses(ErrorCode.UNAUTHORIZED, () -> auth.bearer("Bearer " + old, REMOTE));
        refuses(ErrorCode.UNAUTHORIZED, () -> auth.bearer("Bearer ", REMOTE));
        assertThat(auth.health().status()).isEqualTo(Health.Status.DEGRADED);
        write("short");
        refuses(ErrorCode.UNAUTHORIZED, () -> auth.bearer("Bearer short", REMOTE));
        write("");
        refuses(ErrorCode.UNAUTHORIZED, () -> auth.bearer("Bearer ", REMOTE));
    }

    @Test
    void makesANewTokenInPlaceOfAnEmptyOne() throws Exception {
        write("");
        auth();
        assertThat(token()).hasSize(43);
    }

    @Test
    void refusesWhateverIsNoBearerToken() throws Exception {
        TokenAuth auth = auth();
        for (String header : new String[] {null, "", "Bearer", "Basic " + token(), token(), "Bearer x" + token()}) {
            refuses(ErrorCode.UNAUTHORIZED, () -> auth.bearer(header, REMOTE));
        }
    }

    @Test
    void locksAPeerOutAfterTenFailuresInAMinuteEvenWithTheRightToken() throws Exception {
        TokenAuth auth = auth();
        for (int i = 0; i < 10; i++) {
            String header = i % 2 == 0 ? "Bearer wrong" + i : "Basic eDp5";
            refuses(ErrorCode.UNAUTHORIZED, () -> auth.bearer(header, REMOTE));
        }
        String right = "Bearer " + token();
        refuses(ErrorCode.OVERLOADED, () -> auth.bearer(right, REMOTE));
        assertThat(auth.bearer(right, "10.0.0.1").name()).isEqualTo("token:admin");
        house.pass(Duration.ofMinutes(5).minusMillis(1));
        assertThatThrownBy(() -> auth.bearer(right, REMOTE))
                .isInstanceOfSatisfying(
                        KoshiException.class, e -> assertThat(e.retryAfter()).contains(Duration.ofMillis(1)));
        house.pass(Duration.ofMillis(1));
        assertThat(auth.bearer(right, REMOTE).name()).isEqualTo("token:admin");
    }

    @Test
    void forgivesFailuresThatAreSpreadOut() throws Exception {
        TokenAuth auth = auth();
        for (int i = 0; i < 40; i++) {
            refuses(ErrorCode.UNAUTHORIZED, () -> auth.bearer("Bearer wrong", REMOTE));
            house.pass(Duration.ofMillis(6_700));
        }
        assertThat(auth.bearer("Bearer " + token(), REMOTE).name()).isEqualTo("token:admin");
    }

    @Test
    void doesNotCountARequestWithoutAToken() throws Exception {
        TokenAuth auth = auth();
        for (int i = 0; i < 40; i++) {
            refuses(ErrorCode.UNAUTHORIZED, () -> auth.bearer(null, REMOTE));
        }
        assertThat(auth.bearer("Bearer " + token(), REMOTE).name()).isEqualTo("token:admin");
    }

    @Test
    void takesAnIpv6NetworkForOnePeerAndAMappedAddressForItsIpv4Self() {
        FailedAttempts failed = new FailedAttempts(house);
        for (int i = 0; i < 5; i++) {
            failed.count("2001:db8:0:1::" + i);
            failed.count("2001:db8:0:1:ffff::" + i + "%eth0");
            failed.count("10.0.0.1");
            failed.count("::ffff:10.0.0.1");
        }
        refuses(ErrorCode.OVERLOADED, () -> failed.refuseLocked("2001:db8:0:1:1::"));
        refuses(ErrorCode.OVERLOADED, () -> failed.refuseLocked("10.0.0.1"));
        failed.refuseLocked("2001:db8:0:2::");
    }

    @Test
    void remembersABoundedNumberOfPeers() {
        FailedAttempts failed = new FailedAttempts(house);
        for (int i = 0; i < FailedAttempts.MOST_PEERS + 500; i++) {
            failed.count("host" + i);
        }
        assertThat(failed.size()).isEqualTo(FailedAttempts.MOST_PEERS);
    }

    @Test
    void knowsItsOwnUserAndRootOnTheSocket() {
        TokenAuth auth = auth();
        assertThat(auth.peer("koshi").name()).isEqualTo("socket");
        assertThat(auth.peer("root").may("hub", Scope.ADMIN)).isTrue();
        refuses(ErrorCode.UNAUTHORIZED, () -> auth.peer("mallory"));
        refuses(ErrorCode.UNAUTHORIZED, () -> auth.peer(null));
        assertThat(OwnUser.name(home)).isNotBlank();
    }
}
