package io.koshi.task;

import io.koshi.rpc.Doc;
import java.util.List;

/** What {@code task.lease} answers. */
public record Leases(
        @Doc("What is leased to the worker now; empty when there is nothing to do.")
        List<Leased> tasks) {}
