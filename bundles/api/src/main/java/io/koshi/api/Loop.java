package io.koshi.api;

/** A thread that the machinery runs for a bundle; closing interrupts it and waits up to 5 s. */
public interface Loop extends AutoCloseable {
    /** What the thread does. */
    @FunctionalInterface
    interface Body {
        /** Runs until done; an {@link InterruptedException} means the hub wants it to end. */
        void run() throws Exception;
    }

    @Override
    void close();
}
