package io.koshi.service.mcp;

import io.koshi.api.Blobs;
import io.koshi.api.Trust;
import io.koshi.codec.Codec;
import io.koshi.tool.Tool.Output;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;

/** Makes words of what a server's tool gave (MCP, tools, CallToolResult); none of them is the hub's. Thread-safe. */
record ToolAnswer(Codec codec, Blobs blobs) {
    Output output(Map<String, Object> result) throws IOException {
        StringBuilder text = new StringBuilder();
        for (Object item : Json.list(result.get("content"))) {
            if (text.length() > 0) {
                text.append('\n');
            }
            text.append(words(Json.object(item)));
        }
        if (text.length() == 0 && result.get("structuredContent") != null) {
            text.append(new String(codec.json(result.get("structuredContent")), StandardCharsets.UTF_8));
        }
        return new Output(text.toString(), !Boolean.TRUE.equals(result.get("isError")), Trust.LOW);
    }

    private String words(Map<String, Object> part) throws IOException {
        return switch (Json.text(part.get("type"))) {
            case "text" -> Json.text(part.get("text"));
            case "image", "audio" -> blob(Json.text(part.get("mimeType")), Json.text(part.get("data")));
            case "resource" -> resource(Json.object(part.get("resource")));
            case "resource_link" -> "[link " + Json.text(part.get("uri")) + "]";
            default -> "[a part of an unknown type]";
        };
    }

    private String resource(Map<String, Object> resource) throws IOException {
        return resource.containsKey("text")
                ? Json.text(resource.get("text"))
                : blob(Json.text(resource.get("mimeType")), Json.text(resource.get("blob")));
    }

    private String blob(String type, String base64) throws IOException {
        try {
            byte[] bytes = Base64.getMimeDecoder().decode(base64);
            String ref = blobs.put(new ByteArrayInputStream(bytes));
            return "[" + type + ", " + bytes.length + " bytes, blob " + ref + "]";
        } catch (IllegalArgumentException e) {
            return "[" + type + " that is no base64]";
        }
    }
}
