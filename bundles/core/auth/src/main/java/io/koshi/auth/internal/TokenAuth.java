package io.koshi.auth.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.Health;
import io.koshi.api.KoshiException;
import io.koshi.api.Pools;
import io.koshi.auth.Auth;
import io.koshi.auth.Knock;
import io.koshi.auth.WebSession;
import io.koshi.config.Config;
import io.koshi.config.Settings;
import io.koshi.rpc.Caller;
import io.koshi.store.Store;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.zip.CRC32;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/** Knows who a guest is: by a token, a browser's session, or the user behind a Unix socket. Thread-safe. */
@Component(
        name = "io.koshi.auth",
        service = {Auth.class, Health.class, TokenAuth.class},
        configurationPolicy = ConfigurationPolicy.IGNORE)
public final class TokenAuth implements Auth, Health {
    private static final String SCHEME = "bearer ";

    private final Settings settings;
    private final InstantSource clock;
    private final AdminToken admin;
    private final TokenTable tokens;
    private final WebSessions sessions;
    private final Doorway doorway;
    private final FailedAttempts failed;
    private final Revocations revocations;
    private final Set<String> users;
    private final String cookie;

    @Activate
    public TokenAuth(@Reference Settings settings, @Reference Store store, @Reference Pools pools) {
        this(settings, store, pools, InstantSource.system(), OwnUser.name(settings.home()));
    }

    TokenAuth(Settings settings, Store store, Pools pools, InstantSource clock, String ownUser) {
        this.settings = settings;
        this.clock = clock;
        this.admin = new AdminToken(settings.home().resolve("token"));
        this.tokens = new TokenTable(store, clock);
        this.sessions = new WebSessions(clock);
        this.doorway = new Doorway(settings);
        this.failed = new FailedAttempts(clock);
        this.revocations = new Revocations(pools, this::holds);
        this.users = ownUser.equals("root") ? Set.of("root") : Set.of("root", ownUser);
        this.cookie = cookieName(settings.home());
    }

    @Deactivate
    public void close() {
        revocations.close();
    }

    @Override
    public Caller http(Knock knock) {
        doorway.check(knock);
        Optional<String> session = knock.authorization() == null ? cookie(knock.cookie()) : Optional.empty();
        if (session.isEmpty()) {
            return bearer(knock.authorization(), knock.remote());
        }
        failed.refuseLocked(knock.remote());
        boolean looks = knock.method().equals("GET") || knock.method().equals("HEAD");
        if (!looks && knock.origin() == null) {
            throw new KoshiException(
                    ErrorCode.FORBIDDEN, "a session changes something only from the hub's own page, or send a token");
        }
        return sessions.find(session.get()).filter(this::holds).orElseThrow(() -> {
            failed.count(knock.remote());
            return unauthorized("this session has ended; 'koshi web' makes a new link");
        });
    }

    @Override
    public void sameHouse(Knock knock) {
        doorway.check(knock);
    }

    @Override
    public Caller bearer(String header, String remote) {
        failed.refuseLocked(remote);
        if (header == null) {
            throw unauthorized("no token was sent; send 'Authorization: Bearer …' with the one in KOSHI_HOME/token"
                    + " or one of 'koshi token create'");
        }
        boolean bearer = header.regionMatches(true, 0, SCHEME, 0, SCHEME.length());
        String given = bearer ? header.substring(SCHEME.length()).strip() : "";
        if (bearer && admin.equalTo(given)) {
            return Caller.admin("token:admin").by(admin.credential());
        }
        return tokens.find(given)
                .map(token -> new Caller("token:" + token.name(), token.scopes()).by(token.id()))
                .orElseThrow(() -> {
                    failed.count(remote);
                    return unauthorized("this token is not known, was revoked or has expired");
                });
    }

    @Override
    public Caller peer(String user) {
        if (user == null || !users.contains(user)) {
            throw unauthorized("only the user that runs the hub may use its socket");
        }
        return Caller.admin("socket");
    }

    @Override
    public AutoCloseable onRevoked(Caller caller, Runnable then) {
        return caller.credential()
                .map(credential -> revocations.add(credential, then))
                .orElse(() -> {});
    }

    @Override
    public WebSession redeem(String code, String remote) {
        failed.refuseLocked(remote);
        String secret = sessions.redeem(code).orElseThrow(() -> {
            failed.count(remote);
            return unauthorized("this link was used or is too old; 'koshi web' makes a new one");
        });
        Config.HttpBlock http = settings.config().http();
        String secure = http.proxy() || http.tls().isPresent() ? "; Secure" : "";
        return new WebSession(cookie + "=" + secret + "; Path=/; HttpOnly; SameSite=Strict" + secure, WebSessions.IDLE);
    }

    @Override
    public Report health() {
        return admin.problem()
                .map(problem -> Report.degraded("auth", "core", problem))
                .orElseGet(() -> Report.healthy("auth", "core"));
    }

    Instant now() {
        return Instant.ofEpochMilli(clock.millis());
    }

    AdminToken admin() {
        return admin;
    }

    TokenTable tokens() {
        return tokens;
    }

    WebSessions sessions() {
        return sessions;
    }

    /** Has the connections closed whose credential holds no more. */
    void takenBack() {
        revocations.look();
    }

    private boolean holds(Caller caller) {
        return caller.credential().map(this::holds).orElse(true);
    }

    private boolean holds(String credential) {
        if (credential.startsWith("admin:")) {
            return credential.equals(admin.credential());
        }
        if (WebSessions.owns(credential)) {
            return sessions.holds(credential)
                    && sessions.parentOf(credential).map(this::holds).orElse(true);
        }
        return tokens.holds(credential);
    }

    private Optional<String> cookie(String header) {
        if (header == null) {
            return Optional.empty();
        }
        for (String each : header.split(";")) {
            String pair = each.strip();
            if (pair.startsWith(cookie + "=")) {
                return Optional.of(pair.substring(cookie.length() + 1));
            }
        }
        return Optional.empty();
    }

    /** Cookies know no ports: two hubs on one machine need two names. */
    private static String cookieName(Path home) {
        CRC32 hash = new CRC32();
        hash.update(home.toString().getBytes(StandardCharsets.UTF_8));
        return "koshi-" + Long.toHexString(hash.getValue());
    }

    private static KoshiException unauthorized(String message) {
        return new KoshiException(ErrorCode.UNAUTHORIZED, message);
    }
}
