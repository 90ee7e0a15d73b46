package io.koshi.agent.internal;

import io.koshi.api.Part;
import io.koshi.model.ModelMessage;
import io.koshi.session.Sessions.Line;
import io.koshi.session.Sessions.Role;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Makes of a transcript and a prompt the messages a model is given: newest first kept, roles in turn. */
final class Context {
    private static final int CHARS_PER_TOKEN = 4;
    private static final int PART_CHARS = 6_000;

    private Context() {}

    /**
     * @param lines oldest first
     * @param tokens what all may take together, by 4 characters a token
     */
    static List<ModelMessage> of(List<Line> lines, String prompt, List<Part> parts, int tokens) {
        long chars = (long) tokens * CHARS_PER_TOKEN;
        String asked = cut(prompt, (int) Math.min(Integer.MAX_VALUE, chars * 9 / 10));
        List<Part> now = new ArrayList<>();
        now.add(Part.text(asked));
        now.addAll(parts);
        List<ModelMessage> messages = new ArrayList<>();
        messages.add(new ModelMessage.User(now));

        long left = chars - asked.length() - (long) parts.size() * PART_CHARS;
        for (int i = lines.size() - 1; i >= 0 && left > 0; i--) {
            Line line = lines.get(i);
            left -= line.content().length();
            if (left >= 0 && line.role() != Role.TOOL && !words(line).isBlank()) {
                messages.add(message(line));
            }
        }
        Collections.reverse(messages);
        return inTurn(messages);
    }

    private static ModelMessage message(Line line) {
        return switch (line.role()) {
            case ASSISTANT -> new ModelMessage.Assistant(words(line), List.of());
            case SYSTEM -> ModelMessage.User.of("[note of the hub: " + words(line) + "]");
            case USER, TOOL -> ModelMessage.User.of(words(line));
        };
    }

    /** Blobs of earlier turns are named, not sent again. */
    private static String words(Line line) {
        StringBuilder words = new StringBuilder(line.content());
        for (Part part : line.parts()) {
            if (part instanceof Part.Blob blob) {
                words.append("\n[").append(blob.name().orElse("attachment")).append(", ");
                words.append(blob.mediaType()).append(']');
            }
        }
        return words.toString();
    }

    /** Joins neighbours of one role, and begins with the person. */
    private static List<ModelMessage> inTurn(List<ModelMessage> messages) {
        List<ModelMessage> turns = new ArrayList<>();
        for (ModelMessage message : messages) {
            ModelMessage last = turns.isEmpty() ? null : turns.get(turns.size() - 1);
            if (message instanceof ModelMessage.User user && last instanceof ModelMessage.User before) {
                List<Part> both = new ArrayList<>(before.parts());
                both.addAll(user.parts());
                turns.set(turns.size() - 1, new ModelMessage.User(both));
            } else if (message instanceof ModelMessage.Assistant said
                    && last instanceof ModelMessage.Assistant before) {
                turns.set(
                        turns.size() - 1, new ModelMessage.Assistant(before.text() + "\n\n" + said.text(), List.of()));
            } else if (last != null || message instanceof ModelMessage.User) {
                turns.add(message);
            }
        }
        return turns;
    }

    private static String cut(String prompt, int most) {
        if (prompt.length() <= most) {
            return prompt;
        }
        int end = Character.isHighSurrogate(prompt.charAt(most - 1)) ? most - 1 : most;
        return prompt.substring(0, end) + "\n[cut here: it had " + prompt.length() + " characters]";
    }
}
