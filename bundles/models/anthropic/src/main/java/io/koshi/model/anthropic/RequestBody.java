package io.koshi.model.anthropic;

import io.koshi.api.Blobs;
import io.koshi.api.KoshiException;
import io.koshi.api.Part;
import io.koshi.model.ModelMessage;
import io.koshi.model.ModelRequest;
import io.koshi.model.ToolCall;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The JSON of a Messages request (version 2023-06-01), as plain data: roles in turn, tool output as the
 * user's part, and what stays the same marked to be cached.
 */
final class RequestBody {
    private static final Set<String> IMAGES = Set.of("image/jpeg", "image/png", "image/gif", "image/webp");

    /** The service refuses larger images. */
    private static final int MAX_IMAGE = 5 * 1024 * 1024;

    private static final Map<String, Object> CACHED = Map.of("type", "ephemeral");

    private final Blobs blobs;
    private final String model;
    private final int maxTokens;

    RequestBody(Blobs blobs, String model, int maxTokens) {
        this.blobs = blobs;
        this.model = model;
        this.maxTokens = maxTokens;
    }

    Map<String, Object> of(ModelRequest request) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("model", model);
        body.put("max_tokens", (long) Math.max(1, Math.min(maxTokens, request.maxTokens())));
        body.put("stream", true);
        if (!request.system().isBlank()) {
            body.put("system", List.of(cached(text(request.system()))));
        }
        if (!request.tools().isEmpty()) {
            body.put(
                    "tools",
                    request.tools().stream()
                            .map(tool -> object(
                                    "name", tool.name(),
                                    "description", tool.description(),
                                    "input_schema", tool.parameters()))
                            .toList());
        }
        body.put("messages", messages(request));
        return body;
    }

    private List<Object> messages(ModelRequest request) {
        List<Object> messages = new ArrayList<>();
        String lastRole = "";
        List<Object> content = new ArrayList<>();
        for (int i = 0; i < request.messages().size(); i++) {
            ModelMessage message = request.messages().get(i);
            String role = message instanceof ModelMessage.Assistant ? "assistant" : "user";
            if (!role.equals(lastRole) && !content.isEmpty()) {
                messages.add(object("role", lastRole, "content", content));
                content = new ArrayList<>();
            }
            lastRole = role;
            content.addAll(blocks(message));
            if (i == request.stablePrefix() - 1 && !content.isEmpty()) {
                content.add(cached(asMap(content.remove(content.size() - 1))));
            }
        }
        if (!content.isEmpty()) {
            messages.add(object("role", lastRole, "content", content));
        }
        return messages;
    }

    private List<Object> blocks(ModelMessage message) {
        List<Object> blocks = new ArrayList<>();
        if (message instanceof ModelMessage.User user) {
            user.parts().stream()
                    .map(this::block)
                    .filter(block -> !block.isEmpty())
                    .forEach(blocks::add);
        } else if (message instanceof ModelMessage.Assistant said) {
            if (!said.text().isBlank()) {
                blocks.add(text(said.text().stripTrailing()));
            }
            for (ToolCall call : said.calls()) {
                blocks.add(object(
                        "type", "tool_use", "id", call.callId(), "name", call.name(), "input", call.arguments()));
            }
        } else if (message instanceof ModelMessage.ToolOutput output) {
            Map<String, Object> result = object("type", "tool_result", "tool_use_id", output.callId());
            result.put("content", output.output().isBlank() ? "(nothing)" : output.output());
            if (output.error()) {
                result.put("is_error", true);
            }
            blocks.add(result);
        }
        return blocks;
    }

    private Map<String, Object> block(Part part) {
        if (part instanceof Part.Text words) {
            return words.text().isBlank() ? Map.of() : text(words.text());
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
            return object(
                    "type",
                    "image",
                    "source",
                    object(
                            "type", "base64",
                            "media_type", blob.mediaType(),
                            "data", Base64.getEncoder().encodeToString(image)));
        } catch (IOException | KoshiException e) {
            return text("[" + name + " is no longer there]");
        }
    }

    private static Map<String, Object> text(String text) {
        return object("type", "text", "text", text);
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> asMap(Object block) {
        return (Map<String, Object>) block;
    }

    private static Map<String, Object> cached(Map<String, Object> block) {
        Map<String, Object> marked = new LinkedHashMap<>(block);
        marked.put("cache_control", CACHED);
        return marked;
    }

    private static Map<String, Object> object(Object... pairs) {
        Map<String, Object> object = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            object.put((String) pairs[i], pairs[i + 1]);
        }
        return object;
    }
}
