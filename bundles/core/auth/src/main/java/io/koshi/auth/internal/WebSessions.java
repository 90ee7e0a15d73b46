package io.koshi.auth.internal;

import io.koshi.rpc.Caller;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Browsers that were let in: codes of one-time links and the sessions made of them, known by their digests and kept
 * in memory only, so that a restart of the hub ends them. Both are bounded; the oldest goes first. Thread-safe.
 */
final class WebSessions {
    static final Duration CODE_LIFE = Duration.ofMinutes(10);
    static final Duration IDLE = Duration.ofHours(12);
    static final Duration LONGEST = Duration.ofDays(7);
    private static final int MOST_CODES = 100;
    private static final int MOST_SESSIONS = 1000;
    private static final String CREDENTIAL = "web:";

    private record Code(Caller granter, Instant until) {}

    private static final class Session {
        private final Caller caller;
        private final Optional<String> parent;
        private final Instant until;
        private Instant usedAt;

        Session(Caller caller, Optional<String> parent, Instant now) {
            this.caller = caller;
            this.parent = parent;
            this.until = now.plus(LONGEST);
            this.usedAt = now;
        }

        boolean holdsAt(Instant now) {
            return now.isBefore(until) && now.isBefore(usedAt.plus(IDLE));
        }
    }

    private final InstantSource clock;
    private final Map<String, Code> codes = new Bounded<>(MOST_CODES);
    private final Map<String, Session> sessions = new Bounded<>(MOST_SESSIONS);

    WebSessions(InstantSource clock) {
        this.clock = clock;
    }

    /** A code that lets a browser in once, as this caller. */
    synchronized String link(Caller granter) {
        String code = Secrets.next();
        codes.put(key(code), new Code(granter, clock.instant().plus(CODE_LIFE)));
        return code;
    }

    /** The secret of a new session; empty when the code is not known, used or too old. */
    synchronized Optional<String> redeem(String code) {
        Code known = codes.remove(key(code));
        Instant now = clock.instant();
        if (known == null || !now.isBefore(known.until)) {
            return Optional.empty();
        }
        String secret = Secrets.next();
        String id = key(secret);
        Caller granter = known.granter;
        Caller caller = granter.as("web:" + granter.name()).through("").by(CREDENTIAL + id);
        sessions.put(id, new Session(caller, granter.credential(), now));
        return Optional.of(secret);
    }

    /** Who came in by this session, which is used now. */
    synchronized Optional<Caller> find(String secret) {
        Session session = live(key(secret));
        if (session == null) {
            return Optional.empty();
        }
        session.usedAt = clock.instant();
        return Optional.of(session.caller);
    }

    /** Whether a credential is one of these. */
    static boolean owns(String credential) {
        return credential.startsWith(CREDENTIAL);
    }

    /** Whether the session is there and has not been idle too long. */
    synchronized boolean holds(String credential) {
        return session(credential) != null;
    }

    /** What a session hangs on besides itself. */
    synchronized Optional<String> parentOf(String credential) {
        Session session = session(credential);
        return session == null ? Optional.empty() : session.parent;
    }

    /** Ends all of them, and takes back the links nobody has used yet. */
    synchronized int endAll() {
        int ended = sessions.size();
        sessions.clear();
        codes.clear();
        return ended;
    }

    synchronized int size() {
        return sessions.size();
    }

    private Session session(String credential) {
        return live(credential.substring(CREDENTIAL.length()));
    }

    private Session live(String id) {
        Session session = sessions.get(id);
        if (session != null && !session.holdsAt(clock.instant())) {
            sessions.remove(id);
            return null;
        }
        return session;
    }

    private static String key(String secret) {
        return HexFormat.of().formatHex(Secrets.sha256(secret));
    }

    /** Forgets the eldest when it is full. */
    private static final class Bounded<V> extends LinkedHashMap<String, V> {
        private static final long serialVersionUID = 1L;

        private final int most;

        Bounded(int most) {
            this.most = most;
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, V> eldest) {
            return size() > most;
        }
    }
}
