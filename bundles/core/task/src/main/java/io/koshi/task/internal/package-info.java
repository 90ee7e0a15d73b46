/** Queues work, leases it to workers and retries it. */
package io.koshi.task.internal;
