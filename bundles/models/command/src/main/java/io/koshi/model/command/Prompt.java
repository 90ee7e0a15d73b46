package io.koshi.model.command;

import io.koshi.api.Part;
import io.koshi.model.ModelMessage;
import io.koshi.model.ModelRequest;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** What a program is told on standard input: all of a conversation, or what it has not heard of it yet. */
final class Prompt {
    private Prompt() {}

    static String whole(ModelRequest request) {
        List<ModelMessage> before =
                request.messages().subList(0, Math.max(0, request.messages().size() - 1));
        StringBuilder text = new StringBuilder();
        instructions(request, text);
        if (!before.isEmpty()) {
            text.append("<conversation>\n");
            before.forEach(message -> turn(message, text));
            text.append("</conversation>\n\n");
        }
        request.messages().stream().skip(before.size()).forEach(message -> text.append(words(message)));
        return text.toString();
    }

    /** What came after an answer; empty where the conversation does not have it, as after it was cleared. */
    static Optional<String> since(ModelRequest request, String answer) {
        List<ModelMessage> messages = request.messages();
        for (int i = messages.size() - 1; i >= 0; i--) {
            if (messages.get(i) instanceof ModelMessage.Assistant said
                    && mark(said.text()).equals(answer)) {
                StringBuilder text = new StringBuilder();
                instructions(request, text);
                List<ModelMessage> rest = messages.subList(i + 1, messages.size());
                if (rest.size() == 1) {
                    text.append(words(rest.get(0)));
                } else {
                    rest.forEach(message -> turn(message, text));
                }
                return rest.isEmpty() ? Optional.empty() : Optional.of(text.toString());
            }
        }
        return Optional.empty();
    }

    /** By which an answer is known again: SHA-256 of its words. */
    static String mark(String answer) {
        try {
            byte[] words = answer.strip().getBytes(StandardCharsets.UTF_8);
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(words));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java platform has SHA-256
        }
    }

    private static void instructions(ModelRequest request, StringBuilder text) {
        if (!request.system().isBlank()) {
            text.append("<instructions>\n").append(request.system().strip()).append("\n</instructions>\n\n");
        }
    }

    private static void turn(ModelMessage message, StringBuilder text) {
        String who = message instanceof ModelMessage.Assistant
                ? "assistant"
                : message instanceof ModelMessage.ToolOutput ? "tool" : "user";
        text.append('<')
                .append(who)
                .append(">\n")
                .append(words(message))
                .append("\n</")
                .append(who)
                .append(">\n");
    }

    private static String words(ModelMessage message) {
        if (message instanceof ModelMessage.Assistant said) {
            return said.text();
        }
        if (message instanceof ModelMessage.ToolOutput output) {
            return output.output();
        }
        StringBuilder words = new StringBuilder();
        for (Part part : ((ModelMessage.User) message).parts()) {
            words.append(words.length() == 0 ? "" : "\n").append(words(part));
        }
        return words.toString();
    }

    private static String words(Part part) {
        if (part instanceof Part.Text text) {
            return text.text();
        }
        Part.Blob blob = (Part.Blob) part;
        return "[" + blob.name().orElse("attachment") + ", " + blob.mediaType() + ", " + blob.size()
                + " bytes: cannot be shown]";
    }
}
