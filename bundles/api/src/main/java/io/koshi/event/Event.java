package io.koshi.event;

/**
 * Something that happened.
 *
 * @param seq its place in the hub's one sequence, from 1 at each start
 * @param source the room or service that says so
 * @param topic for example {@code run.delta}
 * @param payload a record or plain data; never changed after it was published
 */
public record Event(long seq, String source, String topic, Object payload) {}
