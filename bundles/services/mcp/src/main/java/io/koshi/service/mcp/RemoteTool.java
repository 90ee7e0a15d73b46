package io.koshi.service.mcp;

import io.koshi.codec.Codec;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * A tool as its server describes it, made fit for the hub.
 *
 * @param name the hub's: server and tool, joined by {@code _}
 * @param remote the server's
 * @param parameters JSON Schema of an object
 * @param readOnly whether the server says that it only looks
 */
record RemoteTool(String name, String remote, String description, Map<String, Object> parameters, boolean readOnly) {
    /** The most tools of one server. */
    static final int MOST = 128;

    private static final int MAX_NAME = 64;
    private static final int MAX_DESCRIPTION = 1000;
    private static final int MAX_SCHEMA = 32 * 1024;
    private static final Map<String, Object> ANYTHING = Map.of("type", "object");

    /** Those of a list that can be used, each with a name of its own. */
    static List<RemoteTool> of(String server, List<?> tools, Codec codec) {
        List<RemoteTool> all = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (Object item : tools) {
            Map<String, Object> tool = Json.object(item);
            String remote = Json.text(tool.get("name"));
            String name = name(server, remote);
            if (!remote.isEmpty() && all.size() < MOST && names.add(name)) {
                Map<String, Object> hints = Json.object(tool.get("annotations"));
                boolean readOnly = Boolean.TRUE.equals(hints.get("readOnlyHint"))
                        && !Boolean.TRUE.equals(hints.get("destructiveHint"));
                String description = Json.text(tool.get("description")).strip();
                all.add(new RemoteTool(
                        name,
                        remote,
                        description.length() > MAX_DESCRIPTION
                                ? description.substring(0, MAX_DESCRIPTION)
                                : description.isEmpty() ? remote + " of " + server : description,
                        schema(tool.get("inputSchema"), codec),
                        readOnly));
            }
        }
        return all;
    }

    static String name(String server, String remote) {
        String name = (server + "_" + remote).toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9_]+", "_");
        if (name.length() <= MAX_NAME) {
            return name;
        }
        String tail = "_" + Integer.toHexString(remote.hashCode());
        return name.substring(0, MAX_NAME - tail.length()) + tail;
    }

    private static Map<String, Object> schema(Object given, Codec codec) {
        Map<String, Object> schema = Json.object(given);
        return "object".equals(schema.get("type")) && codec.json(schema).length <= MAX_SCHEMA ? schema : ANYTHING;
    }

    /** As it is kept for the next start. */
    Map<String, Object> data() {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("name", remote);
        data.put("description", description);
        data.put("inputSchema", parameters);
        data.put("annotations", Map.of("readOnlyHint", readOnly));
        return data;
    }
}
