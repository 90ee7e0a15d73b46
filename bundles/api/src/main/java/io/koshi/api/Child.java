package io.koshi.api;

import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.OptionalInt;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A program that runs for the hub. Its streams are pipes: read both outputs at the same time, or the child stops when
 * one is full. Thread-safe, each stream for one thread at a time.
 */
@ProviderType
public interface Child extends AutoCloseable {
    long pid();

    /** What it reads; close it to tell that there is no more. */
    OutputStream in();

    /** What it says; ends when every process of its group has closed it. */
    InputStream out();

    /** What it complains. */
    InputStream err();

    /**
     * Waits for its end.
     *
     * @return its exit code, 128 and the signal where one ended it; empty when it goes on
     */
    OptionalInt await(Duration limit) throws InterruptedException;

    boolean alive();

    /** Asks its whole group to end (SIGTERM), waits up to 2 s and ends what is left (SIGKILL); nothing of it runs after. */
    @Override
    void close();

    /** Ends its whole group at once. */
    void kill();
}
