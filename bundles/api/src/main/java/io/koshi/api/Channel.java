package io.koshi.api;

import java.io.IOException;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * A two-way connection to a platform, offered as a service with {@link ChannelName}.
 *
 * <p>Life: the constructor opens what it needs and must not wait for the network; the component's
 * deactivation closes it. Messages that come in go to {@link Inbox}; replies are brought one at a time
 * per conversation.
 */
@ConsumerType
public interface Channel {
    /**
     * Sends one reply and returns what the platform said. May be called for different conversations at
     * once.
     *
     * @throws IOException when another attempt may succeed
     * @throws KoshiException with a code that is not retryable when none can
     */
    Receipt send(Reply reply) throws IOException, InterruptedException;

    /** Whether replies can go out now; they wait in the outbox until it says connected. */
    default ChannelState state() {
        return ChannelState.connected();
    }
}
