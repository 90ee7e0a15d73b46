package io.koshi.auth;

import io.koshi.api.KoshiException;
import io.koshi.rpc.Caller;
import org.osgi.annotation.versioning.ProviderType;

/** Turns what a guest shows into a {@link Caller}; the one place that decides who may be whom. */
@ProviderType
public interface Auth {
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
}
