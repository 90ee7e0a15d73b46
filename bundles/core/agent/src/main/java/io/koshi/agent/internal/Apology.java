package io.koshi.agent.internal;

import io.koshi.api.KoshiException;

/** Says in a conversation that a run failed, in plain words and without anything from inside. */
final class Apology {
    private Apology() {}

    static String of(KoshiException error) {
        return "I lost my train of thought — " + reason(error) + "; say it again to retry.";
    }

    static String reason(KoshiException error) {
        return switch (error.code()) {
            case OVERLOADED -> "the model has too much to do right now";
            case TIMEOUT -> "it took too long";
            case SERVICE_UNAVAILABLE -> "the model could not be reached";
            case UNAUTHORIZED, FORBIDDEN -> "the model's service refused the hub's key";
            case TOO_LARGE -> "it was too much for the model";
            default -> "the model gave an error";
        };
    }
}
