package io.koshi.launcher;

/** A start that is refused: the exit code, and a sentence that says what to do. */
final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int exit;

    Refusal(int exit, String sentence) {
        super(sentence, null, false, false);
        this.exit = exit;
    }

    /** 1 failed, 2 usage, 4 refused. */
    int exit() {
        return exit;
    }
}
