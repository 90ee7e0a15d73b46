package io.koshi.cli;

/** Waiting of a program that runs in its own process and has nothing to wait on. */
final class Pause {
    private Pause() {}

    static void of(long ms) throws InterruptedException {
        Thread.sleep(ms);
    }
}
