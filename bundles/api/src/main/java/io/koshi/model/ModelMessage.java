package io.koshi.model;

import io.koshi.api.Part;
import java.util.List;

/** One message of the exchange with a model. */
public sealed interface ModelMessage {
    /** What the person said. */
    record User(List<Part> parts) implements ModelMessage {
        public User {
            parts = List.copyOf(parts);
        }

        public static User of(String text) {
            return new User(List.of(Part.text(text)));
        }
    }

    /** What the model said, and the tools it called. */
    record Assistant(String text, List<ToolCall> calls) implements ModelMessage {
        public Assistant {
            calls = List.copyOf(calls);
        }
    }

    /** What a called tool gave. */
    record ToolOutput(String callId, String output, boolean error) implements ModelMessage {}
}
