package io.koshi.api;

/** How far a text's author is trusted; a run that has read {@code LOW} text loses write tools. */
public enum Trust {
    /** The owner of the hub, or someone on a channel's allow list. */
    HIGH,
    /** A known peer or a signed platform delivery. */
    MEDIUM,
    /** Anyone else: public comments, fetched pages, forwarded mail. */
    LOW
}
