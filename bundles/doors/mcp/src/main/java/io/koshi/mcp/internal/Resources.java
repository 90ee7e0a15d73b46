package io.koshi.mcp.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.codec.Codec;
import io.koshi.rpc.Caller;
import io.koshi.rpc.Registry;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Conversations and memories as things to read; what a caller may not read is not there for it. Thread-safe. */
final class Resources {
    static final String SESSION = "koshi://session/";
    private static final String MEMORY = "koshi://memory/";
    private static final String NEWEST = "koshi://memories/newest";
    private static final long PAGE = 50;
    private static final long LINES = 200;
    private static final long MEMORIES = 20;

    private final Registry registry;
    private final Codec codec;

    Resources(Registry registry, Codec codec) {
        this.registry = registry;
        this.codec = codec;
    }

    /** The newest memories, then sessions, the one used last first. */
    Map<String, Object> list(Caller caller, Map<String, Object> params) {
        List<Object> items = new ArrayList<>();
        Map<String, Object> query = new LinkedHashMap<>();
        query.put("limit", PAGE);
        Object cursor = params.get("cursor");
        if (cursor instanceof String after) {
            query.put("after", after);
        } else if (cursor != null) {
            throw Cursor.invalid();
        } else if (ask(caller, "memory.stats", Map.of()) != null) {
            items.add(resource(NEWEST, "memories", "The newest memories"));
        }
        Map<?, ?> page = ask(caller, "session.list", query);
        if (page != null && page.get("sessions") instanceof List<?> sessions) {
            for (Object each : sessions) {
                String key = (String) ((Map<?, ?>) each).get("sessionKey");
                items.add(resource(SESSION + encode(key), key, "What was said in " + key));
            }
        }
        return Cursor.page("resources", items, page == null ? null : (String) page.get("next"));
    }

    static Map<String, Object> templates() {
        List<Object> templates = List.of(
                template(SESSION + "{sessionKey}", "session", "The newest lines of a conversation"),
                template(MEMORY + "{words}", "memory", "The memories that fit these words best"));
        return Cursor.page("resourceTemplates", templates, null);
    }

    Map<String, Object> read(Caller caller, String uri) {
        Map<?, ?> read;
        if (uri.equals(NEWEST)) {
            read = ask(caller, "memory.peek", Map.of("limit", MEMORIES));
        } else if (uri.startsWith(SESSION)) {
            read = ask(
                    caller,
                    "session.history",
                    Map.of("sessionKey", decode(uri.substring(SESSION.length())), "limit", LINES));
        } else if (uri.startsWith(MEMORY)) {
            read = ask(
                    caller, "memory.query", Map.of("query", decode(uri.substring(MEMORY.length())), "limit", MEMORIES));
        } else {
            read = null;
        }
        if (read == null) {
            throw new Fault(Fault.RESOURCE_NOT_FOUND, "Resource not found: " + uri);
        }
        Map<String, Object> content = new LinkedHashMap<>();
        content.put("uri", uri);
        content.put("mimeType", "application/json");
        content.put("text", new String(codec.json(read), StandardCharsets.UTF_8));
        return Map.of("contents", List.of(content));
    }

    /** Null for what is not there or not for this caller. */
    private Map<?, ?> ask(Caller caller, String method, Map<String, Object> params) {
        try {
            return (Map<?, ?>) codec.toData(registry.ask(caller, method, params));
        } catch (KoshiException e) {
            if (e.code() == ErrorCode.INVALID_PARAMS) {
                throw new Fault(Fault.INVALID_PARAMS, e.getMessage());
            }
            if (e.code() == ErrorCode.NOT_FOUND
                    || e.code() == ErrorCode.NO_HANDLER
                    || e.code() == ErrorCode.FORBIDDEN) {
                return null;
            }
            throw e;
        }
    }

    private static Map<String, Object> resource(String uri, String name, String description) {
        Map<String, Object> resource = new LinkedHashMap<>();
        resource.put("uri", uri);
        resource.put("name", name);
        resource.put("description", description);
        resource.put("mimeType", "application/json");
        return resource;
    }

    private static Map<String, Object> template(String uri, String name, String description) {
        Map<String, Object> template = resource(uri, name, description);
        template.put("uriTemplate", template.remove("uri"));
        return template;
    }

    static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static String decode(String text) {
        try {
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new Fault(Fault.INVALID_PARAMS, "this URI is not encoded as one is");
        }
    }
}
