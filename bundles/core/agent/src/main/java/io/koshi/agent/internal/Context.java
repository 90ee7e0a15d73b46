package io.koshi.agent.internal;

import io.koshi.api.Part;
import io.koshi.model.ModelMessage;
import io.koshi.model.Tokens;
import io.koshi.session.Sessions.Line;
import io.koshi.session.Sessions.Past;
import io.koshi.session.Sessions.Role;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Makes of a session's past and a prompt the messages a model is given: newest first kept, roles in turn. */
final class Context {
    private static final int PART_TOKENS = 1_500;

    private Context() {}

    /** @param tokens what all may take together, estimated */
    static List<ModelMessage> of(Past past, String prompt, List<Part> parts, int tokens) {
        String asked = cut(prompt, tokens - tokens / 10);
        List<Part> now = new ArrayList<>();
        now.add(Part.text(asked));
        now.addAll(parts);
        List<ModelMessage> messages = new ArrayList<>();
        messages.add(new ModelMessage.User(now));

        long left = tokens
                - Tokens.of(asked)
                - parts.stream().mapToLong(Context::tokens).sum();
        String summary = past.summary()
                .map(said -> Tokens.cut(said, (int) Math.max(0, left / 2)))
                .orElse("");
        long room = left - Tokens.of(summary);
        List<Line> lines = past.lines();
        for (int i = lines.size() - 1; i >= 0 && room > 0; i--) {
            room -= tokens(lines.get(i));
            if (room >= 0 && isShown(lines.get(i))) {
                messages.add(message(lines.get(i)));
            }
        }
        if (!summary.isBlank()) {
            messages.add(ModelMessage.User.of("[what was said before, summed up: " + summary + "]"));
        }
        Collections.reverse(messages);
        return inTurn(messages);
    }

    private static long tokens(Part part) {
        return part instanceof Part.Text text ? Tokens.of(text.text()) : PART_TOKENS;
    }

    /** What a line takes of a model's context. */
    static int tokens(Line line) {
        return isShown(line) ? Tokens.of(words(line)) + 1 : 0;
    }

    private static boolean isShown(Line line) {
        return line.role() != Role.TOOL && !words(line).isBlank();
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

    private static String cut(String prompt, int tokens) {
        String kept = Tokens.cut(prompt, tokens);
        return kept.length() == prompt.length()
                ? prompt
                : kept + "\n[cut here: it had " + prompt.length() + " characters]";
    }
}
