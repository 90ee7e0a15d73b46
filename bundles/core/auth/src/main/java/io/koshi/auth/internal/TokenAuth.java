package io.koshi.auth.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.Health;
import io.koshi.api.KoshiException;
import io.koshi.auth.Auth;
import io.koshi.config.Settings;
import io.koshi.rpc.Caller;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Set;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Knows the hub's owner: by the admin token, or by the user behind a Unix socket. Thread-safe. */
@Component(
        name = "io.koshi.auth",
        service = {Auth.class, Health.class})
public final class TokenAuth implements Auth, Health {
    private static final String SCHEME = "bearer ";

    private final AdminToken token;
    private final FailedAttempts failed;
    private final Set<String> users;

    @Activate
    public TokenAuth(@Reference Settings settings) {
        this(settings.home(), InstantSource.system(), OwnUser.name(settings.home()));
    }

    TokenAuth(Path home, InstantSource clock, String ownUser) {
        this.token = new AdminToken(home.resolve("token"));
        this.failed = new FailedAttempts(clock);
        this.users = ownUser.equals("root") ? Set.of("root") : Set.of("root", ownUser);
    }

    @Override
    public Caller bearer(String header, String remote) {
        failed.refuseLocked(remote);
        if (header == null) {
            throw unauthorized("no token was sent; send 'Authorization: Bearer …' with the one in KOSHI_HOME/token");
        }
        boolean bearer = header.regionMatches(true, 0, SCHEME, 0, SCHEME.length());
        if (!bearer || !token.equalTo(header.substring(SCHEME.length()).strip())) {
            failed.count(remote);
            throw unauthorized("this token is not known; the hub's own is in KOSHI_HOME/token");
        }
        return Caller.admin("token:admin");
    }

    @Override
    public Caller peer(String user) {
        if (user == null || !users.contains(user)) {
            throw unauthorized("only the user that runs the hub may use its socket");
        }
        return Caller.admin("socket");
    }

    @Override
    public Report health() {
        return token.problem()
                .map(problem -> Report.degraded("auth", "core", problem))
                .orElseGet(() -> Report.healthy("auth", "core"));
    }

    private static KoshiException unauthorized(String message) {
        return new KoshiException(ErrorCode.UNAUTHORIZED, message);
    }
}
