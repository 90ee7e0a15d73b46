package io.koshi.model;

import java.util.List;

/**
 * What a model answered.
 *
 * @param text all of its text, as streamed
 * @param model the model's own name of itself
 */
public record ModelAnswer(String text, List<ToolCall> calls, Stop stop, Usage usage, String model) {
    public ModelAnswer {
        calls = List.copyOf(calls);
    }

    /** Why it stopped. */
    public enum Stop {
        END,
        TOOLS,
        LENGTH,
        REFUSED
    }
}
