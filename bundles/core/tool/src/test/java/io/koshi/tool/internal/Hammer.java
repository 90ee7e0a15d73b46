package io.koshi.tool.internal;

import io.koshi.model.ToolSpec;
import io.koshi.tool.Tool;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/** A tool whose every side a test can set, and that remembers what it was told to do. */
final class Hammer implements Tool {
    /** What it does. */
    interface Body {
        Output run(Context context, Map<String, Object> arguments) throws Exception;
    }

    final List<Map<String, Object>> done = new CopyOnWriteArrayList<>();
    final List<Context> contexts = new CopyOnWriteArrayList<>();
    private final String name;
    boolean readOnly;
    boolean carriesTrust;
    boolean tellsOutside;
    Audience audience = Audience.WORKER;
    Duration limit = Duration.ofSeconds(30);
    int atOnce = 8;
    volatile Intent intent = Intent.UNLISTED;
    volatile Body body = (context, arguments) -> Output.of("done " + arguments);

    Hammer(String name) {
        this.name = name;
    }

    Hammer reads() {
        readOnly = true;
        return this;
    }

    Hammer gives(Output output) {
        body = (context, arguments) -> output;
        return this;
    }

    @Override
    public ToolSpec spec() {
        return new ToolSpec(
                name,
                "Hits.",
                Map.of(
                        "type",
                        "object",
                        "properties",
                        Map.of("nail", Map.of("type", "string")),
                        "required",
                        List.of("nail"),
                        "additionalProperties",
                        false));
    }

    @Override
    public boolean readOnly() {
        return readOnly;
    }

    @Override
    public boolean carriesTrust() {
        return carriesTrust;
    }

    @Override
    public boolean tellsOutside() {
        return tellsOutside;
    }

    @Override
    public Audience audience() {
        return audience;
    }

    @Override
    public Duration limit() {
        return limit;
    }

    @Override
    public int atOnce() {
        return atOnce;
    }

    @Override
    public Intent intent(Context context, Map<String, Object> arguments) {
        return intent;
    }

    @Override
    public Output run(Context context, Map<String, Object> arguments) throws Exception {
        contexts.add(context);
        Output output = body.run(context, arguments);
        done.add(arguments);
        return output;
    }
}
