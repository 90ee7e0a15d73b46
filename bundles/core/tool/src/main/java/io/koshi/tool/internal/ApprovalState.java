package io.koshi.tool.internal;

/** Where a request for approval is; each but the first is the last. */
enum ApprovalState {
    PENDING,
    ALLOWED,
    DENIED,
    /** Nobody decided in time. */
    EXPIRED,
    /** The run that asked has ended, or the hub has. */
    WITHDRAWN
}
