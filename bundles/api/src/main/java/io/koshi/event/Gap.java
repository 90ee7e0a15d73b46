package io.koshi.event;

/**
 * Payload of {@code gateway.gap}: these events are lost to this subscriber.
 *
 * @param from the first lost number
 * @param to the last lost number
 * @param reason {@code restart}, {@code slow} or {@code window}
 */
public record Gap(long from, long to, String reason) {
    public static final String TOPIC = "gateway.gap";
}
