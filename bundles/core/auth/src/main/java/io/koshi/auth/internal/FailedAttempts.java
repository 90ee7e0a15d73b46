package io.koshi.auth.internal;

import io.koshi.api.KoshiException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Locks out who guesses: 10 failed attempts within a minute, of whatever kind, cost 5 minutes, on
 * loopback too. An IPv6 peer is its /64, since it may have all of that. Remembers a bounded number of
 * peers, the latest to fail. Thread-safe.
 */
final class FailedAttempts {
    static final int ALLOWED = 10;
    static final Duration WINDOW = Duration.ofMinutes(1);
    static final Duration LOCK = Duration.ofMinutes(5);
    static final int MOST_PEERS = 10_000;

    private static final Logger LOG = LoggerFactory.getLogger("io.koshi.auth");
    private static final int PREFIX_BYTES = 8;

    /** The times of a peer's last failures, oldest overwritten, and the end of its lock. */
    private static final class Peer {
        private final Instant[] failures = new Instant[ALLOWED];
        private int next;
        private Instant lockedUntil = Instant.MIN;

        /** Whether this failure was the tenth within the window. */
        boolean fail(Instant now) {
            failures[next] = now;
            next = (next + 1) % ALLOWED;
            Instant oldest = failures[next];
            return oldest != null && oldest.isAfter(now.minus(WINDOW));
        }

        void lock(Instant until) {
            lockedUntil = until;
            Arrays.fill(failures, null);
        }
    }

    private final InstantSource clock;
    private final Map<String, Peer> peers = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Peer> eldest) {
            return size() > MOST_PEERS;
        }
    };

    FailedAttempts(InstantSource clock) {
        this.clock = clock;
    }

    /** @throws KoshiException OVERLOADED, with the time to wait, while this peer is locked out */
    synchronized void refuseLocked(String remote) {
        if (peers.isEmpty()) {
            return;
        }
        Peer peer = peers.get(key(remote));
        Instant now = clock.instant();
        if (peer != null && peer.lockedUntil.isAfter(now)) {
            Duration left = Duration.between(now, peer.lockedUntil);
            throw KoshiException.overloaded(
                    "too many failed attempts from your address; try again in " + (left.toSeconds() + 1) + " s", left);
        }
    }

    synchronized void count(String remote) {
        Instant now = clock.instant();
        Peer peer = peers.computeIfAbsent(key(remote), name -> new Peer());
        if (peer.fail(now)) {
            peer.lock(now.plus(LOCK));
            LOG.warn("{} is locked out for {} min after {} failed attempts", remote, LOCK.toMinutes(), ALLOWED);
        }
    }

    synchronized int size() {
        return peers.size();
    }

    private static String key(String remote) {
        if (remote == null) {
            return "";
        }
        if (remote.indexOf(':') < 0 || !remote.matches("[0-9a-fA-F:.]+(%.*)?")) {
            return remote;
        }
        try {
            InetAddress address = InetAddress.getByName(remote.replaceFirst("%.*", ""));
            return address instanceof Inet6Address
                    ? HexFormat.of().formatHex(address.getAddress(), 0, PREFIX_BYTES)
                    : address.getHostAddress(); // an IPv4 address in IPv6 clothes
        } catch (UnknownHostException e) {
            return remote;
        }
    }
}
