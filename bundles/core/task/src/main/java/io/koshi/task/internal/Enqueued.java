package io.koshi.task.internal;

import io.koshi.rpc.Doc;

/** What {@code task.enqueue} answers. */
record Enqueued(
        @Doc("The task's ULID.") String taskId,
        @Doc("Counts tasks from 1; names the task too.") long number,

        @Doc("queued, blocked or waiting; for a duplicate, where the first one is.")
        String status,

        @Doc("Whether the request id was known and nothing was made.")
        boolean duplicate) {}
