package io.koshi.agent.internal;

import io.koshi.store.Tx;

/**
 * What a command of the hub's own came to.
 *
 * @param answer what the person is told
 * @param effect what happens in the commit that ends the turn
 */
record Command(String answer, Effect effect) {
    /** What a command changes, inside a commit. */
    @FunctionalInterface
    interface Effect {
        void apply(Tx tx);
    }

    static Command says(String answer) {
        return new Command(answer, tx -> {});
    }
}
