package io.koshi.listener.github;

import io.koshi.api.Address;
import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Message;
import io.koshi.api.Part;
import io.koshi.api.Trust;
import io.koshi.codec.Codec;
import io.koshi.codec.Fields;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Turns verified deliveries into messages (GitHub Docs, "Webhook events and payloads"). Thread-safe. */
final class Deliveries {
    private static final int LONGEST_ID = 200;
    private static final int LONGEST_TITLE = 300;
    private static final String FORM = "application/x-www-form-urlencoded";

    private final Codec codec;
    private final String channel;
    private final int priority;

    Deliveries(Codec codec, String channel, int priority) {
        this.codec = codec;
        this.channel = channel;
        this.priority = priority;
    }

    /**
     * @param event the header X-GitHub-Event
     * @param delivery the header X-GitHub-Delivery, the message's external id
     * @param contentType null where there is none
     * @throws KoshiException INVALID_PARAMS for a missing header, PARSE_ERROR for a body that is no object
     */
    Message message(String event, String delivery, String contentType, byte[] body) {
        Map<String, String> headers = new LinkedHashMap<>(4);
        headers.put("event", name("X-GitHub-Event", event));
        headers.put("delivery", name("X-GitHub-Delivery", delivery).toLowerCase(Locale.ROOT));
        Map<String, Object> fields = Fields.before(codec, headers, isForm(contentType) ? payload(body) : body);
        Summary summary = Summary.of(headers.get("event"), fields);
        return new Message(
                Address.of(channel, cut(summary.conversation(channel), Address.MAX_CONVERSATION)),
                summary.sender(),
                List.of(Part.text(summary.line(LONGEST_TITLE))),
                fields,
                Optional.of(headers.get("delivery")),
                Instant.now(),
                priority,
                Trust.MEDIUM);
    }

    private static String name(String header, String value) {
        String text = value == null ? "" : value.strip();
        boolean good = !text.isEmpty() && text.length() <= LONGEST_ID;
        for (int i = 0; i < text.length() && good; i++) {
            char c = text.charAt(i);
            good = c > ' ' && c < 127 && c != '"' && c != '\\';
        }
        if (!good) {
            throw KoshiException.invalid("", header + " is missing or is no name; GitHub sends it with each delivery");
        }
        return text;
    }

    private static boolean isForm(String contentType) {
        return contentType != null && contentType.regionMatches(true, 0, FORM, 0, FORM.length());
    }

    /** The JSON in a form's {@code payload}. */
    private static byte[] payload(byte[] form) {
        Optional<byte[]> payload = FormField.find(form, "payload");
        return payload.orElseThrow(() -> new KoshiException(
                ErrorCode.PARSE_ERROR, "the form has no payload: choose application/json for the webhook"));
    }

    private static String cut(String text, int most) {
        return text.length() <= most ? text : text.substring(0, most);
    }
}
