package io.koshi.agent.internal;

import io.koshi.api.Trust;
import java.time.Duration;
import java.time.Instant;

/**
 * A tool that was called and what it gave.
 *
 * @param trust of whoever wrote the output
 */
record ToolRun(String callId, String name, boolean ok, String output, Trust trust, Instant at, Duration took) {}
