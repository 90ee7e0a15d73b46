package io.koshi.api;

/**
 * Where a message comes from or goes to: a channel and a conversation on it.
 *
 * @param channel the channel's instance name, for example {@code telegram} or {@code telegram~work}
 * @param conversation the platform's own name for the chat, room, issue or peer
 */
public record Address(String channel, String conversation) {
    /** Longest accepted conversation name, in characters. */
    public static final int MAX_CONVERSATION = 512;

    public Address {
        if (channel == null || !isName(channel)) {
            throw KoshiException.invalid("/channel", "a channel name is 1 to 64 of A-Z a-z 0-9 _ . ~ -");
        }
        if (conversation == null || conversation.isEmpty() || conversation.length() > MAX_CONVERSATION) {
            throw KoshiException.invalid(
                    "/conversation", "a conversation name has 1 to " + MAX_CONVERSATION + " characters");
        }
    }

    /** Not a regular expression: every message passes here. */
    private static boolean isName(String channel) {
        for (int i = 0; i < channel.length(); i++) {
            char c = channel.charAt(i);
            boolean letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
            if (!letter && !(c >= '0' && c <= '9') && c != '_' && c != '.' && c != '~' && c != '-') {
                return false;
            }
        }
        return !channel.isEmpty() && channel.length() <= 64;
    }

    public static Address of(String channel, String conversation) {
        return new Address(channel, conversation);
    }

    /** {@code channel:conversation}, the key of the conversation's own session. */
    @Override
    public String toString() {
        return channel + ":" + conversation;
    }
}
