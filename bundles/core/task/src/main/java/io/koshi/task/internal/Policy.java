package io.koshi.task.internal;

/** What becomes of the aggregator when batches did not end well. */
enum Policy {
    /** It fails. */
    FAIL,
    /** It runs. */
    IGNORE,
    /** It fails when more than a share of them did not. */
    THRESHOLD
}
