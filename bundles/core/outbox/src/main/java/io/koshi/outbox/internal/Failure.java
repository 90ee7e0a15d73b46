package io.koshi.outbox.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.time.Duration;
import java.util.Optional;

/**
 * Why a reply was not sent, and what follows from it; immutable.
 *
 * @param again whether another try may succeed
 * @param doubtful whether the platform may have taken it all the same
 * @param after the platform's wish before the next try
 */
record Failure(ErrorCode code, String message, boolean again, boolean doubtful, Optional<Duration> after) {
    static Failure of(Throwable thrown) {
        String text = thrown.getMessage() == null ? thrown.getClass().getSimpleName() : thrown.getMessage();
        if (thrown instanceof KoshiException known) {
            return new Failure(known.code(), text, known.code().retryable(), false, known.retryAfter());
        }
        if (thrown instanceof IOException) {
            return new Failure(ErrorCode.SERVICE_UNAVAILABLE, text, true, !neverConnected(thrown), Optional.empty());
        }
        // a fault of the plugin's, which an update may mend while this waits
        return new Failure(
                ErrorCode.METHOD_ERROR, thrown.getClass().getSimpleName() + ": " + text, true, true, Optional.empty());
    }

    static Failure hung(Duration limit) {
        return new Failure(
                ErrorCode.TIMEOUT,
                "the channel did not answer in " + limit.toSeconds() + " s",
                true,
                true,
                Optional.empty());
    }

    private static boolean neverConnected(Throwable thrown) {
        return thrown instanceof ConnectException
                || thrown instanceof HttpConnectTimeoutException
                || thrown instanceof UnknownHostException
                || thrown instanceof NoRouteToHostException;
    }
}
