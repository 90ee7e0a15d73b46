package io.koshi.frame;

import io.koshi.rpc.Caller;
import java.util.function.Consumer;
import org.osgi.annotation.versioning.ProviderType;

/** Serves clients that speak frames, over whatever a door carries them. Thread-safe. */
@ProviderType
public interface Frames {
    /**
     * Begins to serve a client.
     *
     * @param caller whom the door has found it to be
     * @param door the door's noun, for {@code gateway.inspect}
     * @param stir has the door look at {@link Guest#full} again and read on; called on any thread, never blocks
     */
    Guest open(Caller caller, String door, Line line, Consumer<Guest> stir);

    /** The longest frame now, {@code gateway.maxFrame}; a door tells TOO_LARGE with {@link #tooLarge} and closes. */
    int maxFrame();

    /** The last frame of a client that announced more than {@link #maxFrame}. */
    byte[] tooLarge(Form form);
}
