package io.koshi.tool.internal;

import io.koshi.api.Trust;
import io.koshi.codec.SchemaCheck;
import io.koshi.model.ToolCall;
import io.koshi.tool.Tool;
import io.koshi.tool.Tools;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** The one guarded way to run a tool. Thread-safe. */
@Component(name = "io.koshi.tool", service = Tools.class)
public final class GuardedTools implements Tools {
    private final ToolTable table;

    @Activate
    public GuardedTools(@Reference ToolTable table) {
        this.table = table;
    }

    @Override
    public Optional<Tool> find(String name) {
        return table.find(name);
    }

    @Override
    public List<Tool> list() {
        return table.list();
    }

    @Override
    public Outcome run(Run run, ToolCall call) throws InterruptedException {
        Instant at = Instant.now();
        long from = System.nanoTime();
        Tool.Output output = output(run, call);
        return new Outcome(output.text(), output.ok(), output.trust(), at, Duration.ofNanos(System.nanoTime() - from));
    }

    private Tool.Output output(Run run, ToolCall call) throws InterruptedException {
        Optional<Tool> tool = table.find(call.name())
                .filter(known ->
                        known.audience() == run.audience() && run.offered().contains(call.name()));
        if (tool.isEmpty()) {
            return Tool.Output.failed("Unknown tool: " + call.name());
        }
        try {
            SchemaCheck.check(call.arguments(), tool.get().spec().parameters());
            return tool.get()
                    .run(
                            new Tool.Context(
                                    run.sessionKey(),
                                    run.runId(),
                                    call.callId(),
                                    run.skill(),
                                    Path.of("."),
                                    run.trust()),
                            call.arguments());
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) {
            return new Tool.Output(String.valueOf(e.getMessage()), false, Trust.HIGH);
        }
    }
}
