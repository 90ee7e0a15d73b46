package io.koshi.agent.internal;

import io.koshi.api.Batch;
import io.koshi.api.Entry;
import io.koshi.api.Message;
import io.koshi.api.Part;
import io.koshi.api.Trust;
import io.koshi.codec.Codec;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/** What a batch says, as one person's part of an exchange. */
record Prompt(String text, List<Part> parts, int priority, Trust trust) {
    private static final int MAX_FIELDS = 8000;

    /** Messages in order; senders are named where there are several, an event without words shows its data. */
    static Prompt of(Batch batch, Codec codec) {
        List<Message> messages = batch.entries().stream().map(Entry::message).toList();
        boolean many = messages.stream().map(Message::sender).distinct().count() > 1;
        String text = messages.stream()
                .map(message -> (many ? message.sender() + ": " : "") + words(message, codec))
                .collect(Collectors.joining("\n"));
        return new Prompt(
                text,
                messages.stream()
                        .flatMap(message -> message.parts().stream())
                        .filter(Part.Blob.class::isInstance)
                        .toList(),
                messages.stream().mapToInt(Message::priority).min().orElse(Message.PERSON),
                messages.stream()
                        .map(Message::trust)
                        .max(Comparator.naturalOrder())
                        .orElse(Trust.LOW));
    }

    private static String words(Message message, Codec codec) {
        String text = message.text();
        if (!text.isBlank() || message.fields().isEmpty()) {
            return text;
        }
        String fields = new String(codec.json(message.fields()), StandardCharsets.UTF_8);
        return "[event from " + message.from() + "]\n"
                + (fields.length() <= MAX_FIELDS ? fields : fields.substring(0, MAX_FIELDS) + " [cut]");
    }
}
