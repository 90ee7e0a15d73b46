package io.koshi.openai.internal;

import io.koshi.codec.Codec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a client asks (platform.openai.com, "Create chat completion").
 *
 * @param model a name from {@code models}; empty for the agent's own
 * @param user the client's name for whom it speaks
 * @param instructions what its system and developer messages say
 * @param earlier the exchange so far, before the last words of the user
 * @param said the last words of the user, or that the agent is to go on
 * @param images pictures and files that go with them, as agent.run takes them
 * @param usage whether a stream ends with the usage
 * @param wishes how the answer is to look
 */
record Chat(
        Optional<String> model,
        Optional<String> user,
        boolean stream,
        boolean usage,
        String instructions,
        String earlier,
        String said,
        List<Object> images,
        Wishes wishes) {

    /** The model that is the agent itself, with the models koshi.yaml gives it. */
    static final String AGENT = "koshi";

    /** What the user says who sends an exchange that ends with an answer or with what a tool found. */
    private static final String GO_ON = "(Go on from there.)";

    private static final int MOST_MESSAGES = 10_000;
    private static final Pattern DATA = Pattern.compile(
            "data:([a-z]+/[A-Za-z0-9.+-]+)(?:;[a-z]+=[^;,]*)*;base64,([A-Za-z0-9+/=\\s]*)", Pattern.DOTALL);

    /** @throws Refused in OpenAI's words when it is none */
    static Chat of(Object data, Codec codec) {
        if (!(data instanceof Map<?, ?> body)) {
            throw Refused.invalid(null, "The body is one JSON object.");
        }
        if (!(body.get("messages") instanceof List<?> messages) || messages.isEmpty()) {
            throw Refused.invalid("messages", "'messages' is a list of at least one message.");
        }
        if (messages.size() > MOST_MESSAGES) {
            throw Refused.invalid("messages", "There are more than " + MOST_MESSAGES + " messages.");
        }
        Wishes wishes = Wishes.of(body, codec);
        StringBuilder instructions = new StringBuilder();
        StringBuilder earlier = new StringBuilder();
        StringBuilder said = new StringBuilder();
        List<Object> images = new ArrayList<>();
        int last = lastOfOthers(messages);
        for (int i = 0; i < messages.size(); i++) {
            if (!(messages.get(i) instanceof Map<?, ?> message) || !(message.get("role") instanceof String role)) {
                throw Refused.invalid("messages[" + i + "]", "A message is an object with a role and a content.");
            }
            String at = "messages[" + i + "].content";
            switch (role) {
                case "system", "developer" -> line(instructions, text(message, at, new ArrayList<>()));
                case "user" -> {
                    List<Object> pictures = i > last ? images : new ArrayList<>();
                    String words = text(message, at, pictures);
                    line(i > last ? said : earlier, i > last ? words : "user: " + words);
                }
                case "assistant", "tool", "function" ->
                    line(earlier, role + ": " + text(message, at, new ArrayList<>()));
                default -> throw Refused.invalid("messages[" + i + "].role", "There is no role '" + role + "'.");
            }
        }
        if (said.isEmpty() && images.isEmpty() && !earlier.isEmpty()) {
            said.append(GO_ON);
        }
        if (said.isEmpty() && images.isEmpty()) {
            throw Refused.invalid("messages", "One of the messages says something.");
        }
        boolean usage = body.get("stream_options") instanceof Map<?, ?> options
                && Boolean.TRUE.equals(options.get("include_usage"));
        return new Chat(
                optional(body, "model").filter(name -> !name.isEmpty() && !name.equals(AGENT)),
                optional(body, "user").filter(name -> !name.isBlank()),
                flag(body, "stream"),
                usage,
                instructions.toString(),
                earlier.toString(),
                said.toString(),
                images,
                wishes);
    }

    /** What the agent is told: the client's instructions first; the exchange so far only where it cannot know it. */
    String task(boolean knowsTheRest) {
        StringBuilder told = new StringBuilder(instructions);
        wishes.format().ifPresent(format -> line(told, format));
        StringBuilder task = new StringBuilder();
        if (!told.isEmpty()) {
            task.append("Instructions:\n").append(told).append("\n\n");
        }
        if (!knowsTheRest && !earlier.isEmpty()) {
            task.append("The conversation so far:\n").append(earlier).append("\n\n");
        }
        return task.append(said.isEmpty() ? "(see what is attached)" : said).toString();
    }

    /** The place of the last message that is not the user's, -1 where all are. */
    private static int lastOfOthers(List<?> messages) {
        for (int i = messages.size() - 1; i >= 0; i--) {
            if (!(messages.get(i) instanceof Map<?, ?> message) || !"user".equals(message.get("role"))) {
                return i;
            }
        }
        return -1;
    }

    private static String text(Map<?, ?> message, String at, List<Object> images) {
        Object content = message.get("content");
        if (content == null) {
            return "";
        }
        if (content instanceof String text) {
            return text;
        }
        if (!(content instanceof List<?> parts)) {
            throw Refused.invalid(at, "A content is a text or a list of parts.");
        }
        StringBuilder text = new StringBuilder();
        for (Object each : parts) {
            Map<?, ?> part = each instanceof Map<?, ?> map ? map : Map.of();
            if ("text".equals(part.get("type")) && part.get("text") instanceof String words) {
                line(text, words);
            } else if ("refusal".equals(part.get("type")) && part.get("refusal") instanceof String words) {
                line(text, words);
            } else if ("image_url".equals(part.get("type"))
                    && member(part.get("image_url"), "url") instanceof String url) {
                images.add(attached(url, "image/", at));
            } else if ("file".equals(part.get("type"))
                    && member(part.get("file"), "file_data") instanceof String bytes) {
                images.add(attached(bytes, "", at));
            } else if ("input_audio".equals(part.get("type"))) {
                throw Refused.unsupported(at, "The hub's models are given no sound; send its words as text.");
            } else {
                throw Refused.invalid(at, "A part is of type text, image_url, or file with file_data.");
            }
        }
        return text.toString();
    }

    /** What clients put into an object, and some write without one. */
    private static Object member(Object given, String name) {
        return given instanceof Map<?, ?> map ? map.get(name) : given;
    }

    private static Map<String, Object> attached(String url, String kind, String at) {
        Matcher data = DATA.matcher(url);
        if (!data.matches() || !data.group(1).startsWith(kind)) {
            throw Refused.invalid(
                    at, "What goes with a message is sent along as a data: URL in base64; the hub fetches none.");
        }
        Map<String, Object> attached = new LinkedHashMap<>();
        try {
            attached.put("data", Base64.getMimeDecoder().decode(data.group(2)));
        } catch (IllegalArgumentException e) {
            throw Refused.invalid(at, "This is no base64.");
        }
        attached.put("mediaType", data.group(1));
        return attached;
    }

    private static void line(StringBuilder text, String more) {
        if (!text.isEmpty() && !more.isEmpty()) {
            text.append('\n');
        }
        text.append(more);
    }

    private static Optional<String> optional(Map<?, ?> body, String name) {
        Object value = body.get(name);
        if (value != null && !(value instanceof String)) {
            throw Refused.invalid(name, "'" + name + "' is a text.");
        }
        return Optional.ofNullable((String) value);
    }

    private static boolean flag(Map<?, ?> body, String name) {
        Object value = body.get(name);
        if (value != null && !(value instanceof Boolean)) {
            throw Refused.invalid(name, "'" + name + "' is true or false.");
        }
        return Boolean.TRUE.equals(value);
    }
}
