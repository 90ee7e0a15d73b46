package io.koshi.service.mcp;

import io.koshi.api.KoshiException;
import io.koshi.api.Trust;
import io.koshi.model.ToolSpec;
import io.koshi.tool.Tool;
import java.time.Duration;
import java.util.Map;

/** A server's tool as the hub's; whatever it gives was written outside. Thread-safe. */
final class McpTool implements Tool {
    private final RemoteTool remote;
    private final Line line;
    private final ToolAnswer answer;
    private final Duration limit;

    McpTool(RemoteTool remote, Line line, ToolAnswer answer, Duration limit) {
        this.remote = remote;
        this.line = line;
        this.answer = answer;
        this.limit = limit;
    }

    @Override
    public ToolSpec spec() {
        return new ToolSpec(remote.name(), remote.description(), remote.parameters());
    }

    @Override
    public boolean readOnly() {
        return remote.readOnly();
    }

    /** With the time a server may need to start. */
    @Override
    public Duration limit() {
        return limit.plus(McpServer.HANDSHAKE).plusSeconds(1);
    }

    @Override
    public Output run(Context context, Map<String, Object> arguments) throws Exception {
        try {
            return answer.output(line.call(remote.remote(), arguments, limit));
        } catch (KoshiException e) {
            return new Output(e.getMessage(), false, Trust.LOW); // the server's own words may stand in it
        }
    }
}
