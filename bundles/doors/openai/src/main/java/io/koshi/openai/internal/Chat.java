package io.koshi.openai.internal;

import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a client asks for (platform.openai.com, "Create chat completion"). What the hub decides itself, such as tools,
 * temperature and the length of an answer, is taken and has no effect.
 *
 * @param model a name from {@code models}; empty for the agent's own
 * @param user the client's name for whom it speaks
 * @param instructions what its system and developer messages say
 * @param earlier the exchange so far, before the last words of the user
 * @param said the last words of the user, or that the agent is to go on
 * @param images pictures that go with them, as agent.run takes them
 * @param usage whether a stream ends with the usage
 */
record Chat(
        Optional<String> model,
        Optional<String> user,
        boolean stream,
        boolean usage,
        String instructions,
        String earlier,
        String said,
        List<Object> images) {

    /** The model that is the agent itself, with the models koshi.yaml gives it. */
    static final String AGENT = "koshi";

    /** What the user says who sends an exchange that ends with an answer or with what a tool found. */
    private static final String GO_ON = "(Go on from there.)";

    private static final int MOST_MESSAGES = 10_000;
    private static final Pattern DATA =
            Pattern.compile("data:(image/[a-z0-9.+-]+);base64,([A-Za-z0-9+/=\\s]+)", Pattern.DOTALL);

    /** @throws Refused in OpenAI's words when it is none */
    static Chat of(Object data) {
        if (!(data instanceof Map<?, ?> body)) {
            throw Refused.invalid(null, "The body is one JSON object.");
        }
        if (!(body.get("messages") instanceof List<?> messages) || messages.isEmpty()) {
            throw Refused.invalid("messages", "'messages' is a list of at least one message.");
        }
        if (messages.size() > MOST_MESSAGES) {
            throw Refused.invalid("messages", "There are more than " + MOST_MESSAGES + " messages.");
        }
        if (body.get("n") != null && !Long.valueOf(1).equals(body.get("n"))) {
            throw Refused.invalid("n", "One answer at a time: leave 'n' out.");
        }
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
                images);
    }

    /** What the agent is told: the client's instructions first; the exchange so far only where it cannot know it. */
    String task(boolean knowsTheRest) {
        StringBuilder task = new StringBuilder();
        if (!instructions.isEmpty()) {
            task.append("Instructions:\n").append(instructions).append("\n\n");
        }
        if (!knowsTheRest && !earlier.isEmpty()) {
            task.append("The conversation so far:\n").append(earlier).append("\n\n");
        }
        return task.append(said.isEmpty() ? "(see the pictures)" : said).toString();
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
                    && part.get("image_url") instanceof Map<?, ?> image
                    && image.get("url") instanceof String url) {
                images.add(picture(url, at));
            } else {
                throw Refused.invalid(at, "A part is of type text or image_url.");
            }
        }
        return text.toString();
    }

    private static Map<String, Object> picture(String url, String at) {
        Matcher data = DATA.matcher(url);
        if (!data.matches()) {
            throw Refused.invalid(at, "A picture is sent along as a data: URL in base64; the hub fetches none.");
        }
        Map<String, Object> image = new LinkedHashMap<>();
        try {
            image.put("data", Base64.getMimeDecoder().decode(data.group(2)));
        } catch (IllegalArgumentException e) {
            throw Refused.invalid(at, "The picture is no base64.");
        }
        image.put("mediaType", data.group(1));
        return image;
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
