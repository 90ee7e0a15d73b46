package io.koshi.model.openai;

import io.koshi.api.Blobs;
import io.koshi.api.KoshiException;
import io.koshi.api.Part;
import io.koshi.codec.Codec;
import io.koshi.model.ModelMessage;
import io.koshi.model.ModelRequest;
import io.koshi.model.ToolCall;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The JSON of a chat completion request, as plain data. Thread-safe. */
final class RequestBody {
    private static final Set<String> IMAGES = Set.of("image/jpeg", "image/png", "image/gif", "image/webp");

    /** More than this no server takes in a data URL. */
    private static final int MAX_IMAGE = 5 * 1024 * 1024;

    private final Blobs blobs;
    private final Codec codec;
    private final String model;
    private final int maxTokens;

    RequestBody(Blobs blobs, Codec codec, String model, int maxTokens) {
        this.blobs = blobs;
        this.codec = codec;
        this.model = model;
        this.maxTokens = maxTokens;
    }

    Map<String, Object> of(ModelRequest request, Dialect dialect) {
        Map<String, Object> body = Json.of("model", model);
        body.put(dialect.tokensField(), (long) Math.max(1, Math.min(maxTokens, request.maxTokens())));
        body.put("stream", true);
        if (dialect.usage()) {
            body.put("stream_options", Map.of("include_usage", true));
        }
        if (!request.tools().isEmpty()) {
            body.put(
                    "tools",
                    request.tools().stream()
                            .map(tool -> Json.of(
                                    "type",
                                    "function",
                                    "function",
                                    Json.of(
                                            "name", tool.name(),
                                            "description", tool.description(),
                                            "parameters", tool.parameters())))
                            .toList());
        }
        body.put("messages", messages(request));
        return body;
    }

    private List<Object> messages(ModelRequest request) {
        List<Object> messages = new ArrayList<>();
        if (!request.system().isBlank()) {
            messages.add(Json.of("role", "system", "content", request.system()));
        }
        for (ModelMessage message : request.messages()) {
            if (message instanceof ModelMessage.User user) {
                messages.add(Json.of("role", "user", "content", content(user.parts())));
            } else if (message instanceof ModelMessage.Assistant said) {
                messages.add(said(said));
            } else if (message instanceof ModelMessage.ToolOutput output) {
                String text = (output.error() ? "ERROR: " : "") + output.output();
                messages.add(Json.of(
                        "role",
                        "tool",
                        "tool_call_id",
                        output.callId(),
                        "content",
                        text.isBlank() ? "(nothing)" : text));
            }
        }
        return messages;
    }

    private Map<String, Object> said(ModelMessage.Assistant said) {
        Map<String, Object> message = Json.of("role", "assistant", "content", said.text());
        if (!said.calls().isEmpty()) {
            message.put("tool_calls", said.calls().stream().map(this::call).toList());
        }
        return message;
    }

    private Map<String, Object> call(ToolCall call) {
        String arguments = new String(codec.json(call.arguments()), StandardCharsets.UTF_8);
        return Json.of(
                "id", call.callId(),
                "type", "function",
                "function", Json.of("name", call.name(), "arguments", arguments));
    }

    /** Words alone are a plain text, which every server understands. */
    private Object content(List<Part> parts) {
        if (parts.stream().noneMatch(Part.Blob.class::isInstance)) {
            return String.join(
                    "\n", parts.stream().map(part -> ((Part.Text) part).text()).toList());
        }
        return parts.stream().map(this::part).toList();
    }

    private Map<String, Object> part(Part part) {
        if (part instanceof Part.Text words) {
            return text(words.text());
        }
        Part.Blob blob = (Part.Blob) part;
        String name = blob.name().orElse("attachment");
        if (!IMAGES.contains(blob.mediaType())) {
            return text("[" + name + ", " + blob.mediaType() + ", " + blob.size() + " bytes: cannot be shown]");
        }
        try (InputStream bytes = blobs.open(blob.ref())) {
            byte[] image = bytes.readNBytes(MAX_IMAGE + 1);
            if (image.length > MAX_IMAGE) {
                return text("[" + name + ": larger than 5 MB, cannot be shown]");
            }
            String url = "data:" + blob.mediaType() + ";base64,"
                    + Base64.getEncoder().encodeToString(image);
            return Json.of("type", "image_url", "image_url", Map.of("url", url));
        } catch (IOException | KoshiException e) {
            return text("[" + name + " is no longer there]");
        }
    }

    private static Map<String, Object> text(String text) {
        return Json.of("type", "text", "text", text);
    }
}
