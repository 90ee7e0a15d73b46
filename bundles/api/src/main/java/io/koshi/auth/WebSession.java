package io.koshi.auth;

import java.time.Duration;

/**
 * A browser that was let in by a one-time link.
 *
 * @param cookie the whole Set-Cookie header (RFC 6265): HttpOnly, SameSite=Strict
 * @param idle it ends when it was not used for this long
 */
public record WebSession(String cookie, Duration idle) {}
