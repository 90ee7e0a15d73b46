package io.koshi.api;

import java.util.Optional;

/** How a channel's connection stands. */
public record ChannelState(Link link, Optional<String> detail) {
    /** The three states a connection can be in. */
    public enum Link {
        CONNECTED,
        CONNECTING,
        DOWN
    }

    public static ChannelState connected() {
        return new ChannelState(Link.CONNECTED, Optional.empty());
    }

    public static ChannelState connecting(String detail) {
        return new ChannelState(Link.CONNECTING, Optional.of(detail));
    }

    public static ChannelState down(String detail) {
        return new ChannelState(Link.DOWN, Optional.of(detail));
    }
}
