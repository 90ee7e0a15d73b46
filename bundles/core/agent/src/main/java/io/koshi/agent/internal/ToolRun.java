package io.koshi.agent.internal;

import java.time.Duration;
import java.time.Instant;

/** A tool that was called and what it gave. */
record ToolRun(String callId, String name, boolean ok, String output, Instant at, Duration took) {}
