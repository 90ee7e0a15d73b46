package io.koshi.agent.internal;

import io.koshi.api.Trust;
import java.time.Duration;
import java.time.Instant;

/**
 * A tool that was called and what it gave.
 *
 * @param trust of whoever wrote the output
 * @param denied whether it was not run because nobody allowed it
 */
record ToolRun(
        String callId,
        String name,
        boolean ok,
        String output,
        Trust trust,
        Instant at,
        Duration took,
        boolean denied) {}
