package io.koshi.auth.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.codec.Range;
import io.koshi.rpc.Caller;
import io.koshi.rpc.Doc;
import io.koshi.rpc.Methods;
import io.koshi.rpc.Namespace;
import io.koshi.rpc.Rpc;
import io.koshi.rpc.Scope;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The methods of {@code token}. */
@Component(name = "io.koshi.auth.methods", service = Methods.class, configurationPolicy = ConfigurationPolicy.IGNORE)
@Namespace("token")
public final class TokenMethods implements Methods {
    private static final Logger LOG = LoggerFactory.getLogger("io.koshi.auth");
    private static final String ADMIN = "admin";
    private static final String WEB = "web";
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,63}");

    private static final long LONGEST_DAYS = 36_525;

    private final TokenAuth auth;

    @Activate
    public TokenMethods(@Reference TokenAuth auth) {
        this.auth = auth;
    }

    record CreateParams(
            @Doc("What to call it: who or what will use it.") @Range(min = 1, max = 64)
            String name,

            @Doc("What it may do: noun.read, noun.write, noun.admin, *.read and the like, or * for everything; never"
                    + " more than you may yourself.")
            @Range(min = 1, max = 100)
            List<String> scopes,

            @Doc("How long it holds, in milliseconds; for good unless told.")
            Optional<Duration> expiresInMs) {}

    record Created(
            @Doc("What it is called.") String name,
            @Doc("What it may do.") List<String> scopes,

            @Doc("The token itself. Nobody can show it again.")
            String token,

            @Doc("When it ends by itself.") Optional<Instant> expiresAt) {}

    @Rpc(value = "Makes a token and shows it this once.", scope = Scope.WRITE)
    public Created create(CreateParams params, Caller caller) {
        if (!NAME.matcher(params.name()).matches() || reserved(params.name())) {
            throw KoshiException.invalid(
                    "/name", "a token's name is 1 to 64 of a-z 0-9 . _ -, and neither 'admin' nor 'web'");
        }
        Set<String> scopes = new TreeSet<>(params.scopes());
        grants(caller, scopes);
        Optional<Instant> expiresAt = params.expiresInMs()
                .map(TokenMethods::positive)
                .map(life -> auth.now().plus(life));
        Token.Fresh made = auth.tokens().create(params.name(), scopes, caller.name(), noLonger(caller, expiresAt));
        LOG.info("{} made the token {} with {}", caller.name(), params.name(), scopes);
        return shown(made);
    }

    record Known(
            @Doc("What it is called; 'admin' is the one in the hub's token file.")
            String name,

            @Doc("What it may do.") List<String> scopes,

            @Doc("When it was made or rotated.") Optional<Instant> createdAt,

            @Doc("Who granted it.") Optional<String> createdBy,

            @Doc("When it ends by itself.") Optional<Instant> expiresAt,

            @Doc("Whether it has ended.") boolean expired) {}

    record Tokens(
            @Doc("Tokens by name.") List<Known> tokens,
            @Doc("How many browsers are let in now.") int sessions) {}

    @Rpc(value = "Lists tokens; never what they read.", scope = Scope.READ)
    public Tokens list() {
        Instant now = auth.now();
        List<Known> known = new ArrayList<>();
        known.add(new Known(ADMIN, List.of("*"), Optional.empty(), Optional.empty(), Optional.empty(), false));
        auth.tokens()
                .list()
                .forEach(token -> known.add(new Known(
                        token.name(),
                        sorted(token),
                        Optional.of(token.createdAt()),
                        Optional.of(token.createdBy()),
                        token.expiresAt(),
                        !token.holdsAt(now))));
        return new Tokens(known, auth.sessions().size());
    }

    record Name(
            @Doc("Which token; for token.revoke 'web' is every browser that was let in.")
            String name) {}

    record Revoked(@Doc("Which token.") String name) {}

    @Rpc(value = "Takes a token back: it holds no more and what is open by it is closed.", scope = Scope.WRITE)
    public Revoked revoke(Name params, Caller caller) {
        switch (params.name()) {
            case ADMIN ->
                throw new KoshiException(
                        ErrorCode.CONFLICT, "the hub keeps an admin token; give it a new one with token.rotate");
            case WEB -> {
                grants(caller, Set.of("*"));
                auth.sessions().endAll();
            }
            default -> {
                Token token = auth.tokens().named(params.name());
                grants(caller, token.scopes());
                auth.tokens().revoke(token);
            }
        }
        auth.takenBack();
        LOG.info("{} revoked the token {}", caller.name(), params.name());
        return new Revoked(params.name());
    }

    @Rpc(
            value = "Gives a token a new secret, shown this once; the old one holds no more and what is open by it is"
                    + " closed.",
            scope = Scope.WRITE)
    public Created rotate(Name params, Caller caller) {
        Created created;
        if (params.name().equals(ADMIN)) {
            grants(caller, Set.of("*"));
            created = new Created(ADMIN, List.of("*"), auth.admin().rotate(), Optional.empty());
        } else {
            Token token = auth.tokens().named(params.name());
            grants(caller, token.scopes());
            created = shown(auth.tokens().rotate(token));
        }
        auth.takenBack();
        LOG.info("{} rotated the token {}", caller.name(), params.name());
        return created;
    }

    record Link(
            @Doc("Open this on the hub's address in a browser; it works once.")
            String path,

            @Doc("How long the link works, in milliseconds.")
            Duration expiresInMs) {}

    @Rpc(value = "Makes a one-time link that lets a browser in as you.", scope = Scope.WRITE)
    public Link link(Caller caller) {
        grants(caller, caller.scopes());
        return new Link("/login#" + auth.sessions().link(caller), WebSessions.CODE_LIFE);
    }

    /** The one question before anything is granted or taken back; a run that was told to is not its owner. */
    private static void grants(Caller caller, Collection<String> scopes) {
        if (caller.name().startsWith("run:")) {
            throw new KoshiException(
                    ErrorCode.FORBIDDEN, "a run cannot grant or take back tokens; a person does, with 'koshi token'");
        }
        caller.mayGrant(scopes);
    }

    private static boolean reserved(String name) {
        return name.equals(ADMIN) || name.equals(WEB);
    }

    private static Duration positive(Duration life) {
        if (life.isNegative() || life.isZero() || life.toDays() > LONGEST_DAYS) {
            throw KoshiException.invalid("/expiresInMs", "must be more than 0 and at most 100 years");
        }
        return life;
    }

    /** What a token that ends grants ends no later. */
    private Optional<Instant> noLonger(Caller caller, Optional<Instant> wanted) {
        Optional<Instant> own = caller.credential().flatMap(auth.tokens()::byId).flatMap(Token::expiresAt);
        return own.isPresent() && wanted.map(own.get()::isBefore).orElse(true) ? own : wanted;
    }

    private static List<String> sorted(Token token) {
        return List.copyOf(new TreeSet<>(token.scopes()));
    }

    private static Created shown(Token.Fresh fresh) {
        Token token = fresh.token();
        return new Created(token.name(), sorted(token), fresh.secret(), token.expiresAt());
    }
}
