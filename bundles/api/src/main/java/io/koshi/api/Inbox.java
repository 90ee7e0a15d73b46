package io.koshi.api;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ProviderType;

/** Where messages enter the hub: what is accepted here is on disk and will be routed. */
@ProviderType
public interface Inbox {
    /**
     * Accepts a message; returns after its commit is on disk, so the platform may be acknowledged.
     *
     * @throws KoshiException OVERLOADED when the disk is short or the buffer is closed for a stop: the
     *     platform should be told to try again; TOO_LARGE when it can never be accepted
     */
    Accepted accept(Message message);

    /** Accepts messages and moves the channel's cursor in one commit; all or none, answers in order. */
    List<Accepted> accept(List<Message> messages, Cursor cursor);

    /** As {@link #accept(Message)}, without holding the thread; completes after the commit. */
    CompletionStage<Accepted> acceptAsync(Message message);

    /** The value last committed for a channel's cursor, empty before the first. */
    Optional<String> cursor(String channel, String name);
}
