package io.koshi.service.mcp;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A server that has shaken hands (MCP, lifecycle). Thread-safe. */
final class Link implements AutoCloseable {
    private static final String VERSION = "2025-06-18";
    private static final int MOST_PAGES = 20;

    /** Opens the wire. */
    interface Opening {
        Wire open() throws IOException;
    }

    private final Wire wire;

    private Link(Wire wire) {
        this.wire = wire;
    }

    /** @throws KoshiException why it cannot be used; nothing of it is left then */
    static Link open(Opening opening, Duration limit) throws IOException, InterruptedException {
        Wire wire = opening.open();
        boolean open = false;
        try {
            Map<String, Object> hello = new LinkedHashMap<>();
            hello.put("protocolVersion", VERSION);
            hello.put("capabilities", Map.of());
            hello.put("clientInfo", Map.of("name", "koshi", "version", "0.1"));
            Map<String, Object> answer = wire.request("initialize", hello, limit);
            String version = Json.text(answer.get("protocolVersion"));
            if (!version.matches("20\\d\\d-\\d\\d-\\d\\d")) {
                throw new KoshiException(ErrorCode.METHOD_ERROR, "the server speaks no MCP this hub knows");
            }
            wire.agreed(version);
            wire.notify("notifications/initialized", Map.of());
            open = true;
            return new Link(wire);
        } finally {
            if (!open) {
                wire.close();
            }
        }
    }

    /** What tools it has, as it describes them. */
    List<Object> tools(Duration limit) throws InterruptedException {
        List<Object> tools = new ArrayList<>();
        Map<String, Object> params = Map.of();
        for (int page = 0; page < MOST_PAGES; page++) {
            Map<String, Object> answer = wire.request("tools/list", params, limit);
            tools.addAll(Json.list(answer.get("tools")));
            String next = Json.text(answer.get("nextCursor"));
            if (next.isEmpty()) {
                return tools;
            }
            params = Map.of("cursor", next);
        }
        return tools;
    }

    Map<String, Object> call(String tool, Map<String, Object> arguments, Duration limit) throws InterruptedException {
        return wire.request("tools/call", Map.of("name", tool, "arguments", arguments), limit);
    }

    boolean open() {
        return wire.open();
    }

    @Override
    public void close() {
        wire.close();
    }
}
