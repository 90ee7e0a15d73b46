package io.koshi.frame;

/**
 * The hub's side of one connection. A door calls {@link #take} and {@link #settle} from one thread at a time; the rest
 * is thread-safe.
 */
public interface Guest extends AutoCloseable {
    /** A whole frame; answers go to the line, now or later. Quick methods run on this thread. */
    void take(Form form, byte[] frame);

    /** No more input waits at the moment: what the frames so far gave rise to is sent, to whomever. */
    void settle();

    /** The line has sent all that waited: events that found no room go on. */
    void drained();

    /** Whether so much is under way or waits that the door should read no more for now. */
    boolean full();

    /** Whether nothing is under way. */
    boolean idle();

    /** The connection is gone: its methods and subscriptions end, and callers of its methods are told. */
    @Override
    void close();
}
