package io.koshi.swarm.internal;

/** An error with the text that the older hub answers with. */
final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Refusal(String text) {
        super(text, null, false, false);
    }

    /** What Python says of a key that is not there. */
    static Refusal missing(String key) {
        return new Refusal("'" + key + "'");
    }
}
