package io.koshi.api;

/**
 * How far a channel has read its platform, written in the same commit as the message it stands behind.
 *
 * @param channel the channel's instance name
 * @param name which of the channel's cursors, "" where it has one
 * @param value whatever the platform needs to go on from there
 */
public record Cursor(String channel, String name, String value) {
    public static Cursor of(String channel, String value) {
        return new Cursor(channel, "", value);
    }
}
