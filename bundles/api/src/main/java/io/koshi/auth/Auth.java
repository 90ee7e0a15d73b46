package io.koshi.auth;

import io.koshi.api.KoshiException;
import io.koshi.rpc.Caller;
import org.osgi.annotation.versioning.ProviderType;

/** Turns what a guest shows into a {@link Caller}; the one place that decides who may be whom. */
@ProviderType
public interface Auth {
    /**
     * Lets an HTTP request or a WebSocket upgrade in, or does not: its Host is ours, its Origin is absent or the same
     * host (on loopback too), no credential stands in its URL, and its token or, without one, its session cookie is
     * good. A cookie alone changes nothing unless the Origin says that our own page sent it.
     *
     * @throws KoshiException FORBIDDEN for Host and Origin, INVALID_PARAMS for a credential in the URL, then as {@link
     *     #bearer}
     */
    Caller http(Knock knock);

    /**
     * The part of {@link #http} for pages and answers that need no token: Host, Origin and query alone.
     *
     * @throws KoshiException FORBIDDEN or INVALID_PARAMS
     */
    void sameHouse(Knock knock);

    /**
     * Checks an {@code Authorization} header.
     *
     * @param header its value, null where there was none
     * @param remote the peer's address, counted for the limit on failed attempts (10 a minute, then locked
     *     for 5 minutes, loopback too)
     * @throws KoshiException UNAUTHORIZED, or OVERLOADED while locked
     */
    Caller bearer(String header, String remote);

    /**
     * The caller behind a Unix socket connection.
     *
     * @param user the peer's user name as the system says it
     * @throws KoshiException UNAUTHORIZED when it is neither the hub's own user nor root
     */
    Caller peer(String user);

    /**
     * Tells a door to close what a caller has open, at most 5 s after its token was revoked, rotated or has expired;
     * at once where that has happened already.
     *
     * @param then called once, on a work thread
     * @return closes when the connection is gone, so that nothing is kept of it; costs nothing for a caller that has
     *     no credential to take back
     */
    AutoCloseable onRevoked(Caller caller, Runnable then);

    /**
     * Exchanges the code of a one-time link for a session; each code works once, within 10 minutes.
     *
     * @param remote counted as for {@link #bearer}
     * @throws KoshiException UNAUTHORIZED when it does not, OVERLOADED while locked
     */
    WebSession redeem(String code, String remote);
}
