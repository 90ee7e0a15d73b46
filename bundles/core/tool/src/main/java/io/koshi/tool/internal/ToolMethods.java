package io.koshi.tool.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Trust;
import io.koshi.api.Ulid;
import io.koshi.codec.Default;
import io.koshi.model.ToolSpec;
import io.koshi.rpc.Caller;
import io.koshi.rpc.Doc;
import io.koshi.rpc.Methods;
import io.koshi.rpc.Namespace;
import io.koshi.rpc.Rpc;
import io.koshi.rpc.Scope;
import io.koshi.tool.Tool;
import io.koshi.tool.Tools;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Shows the tools and runs one for a caller. Thread-safe. */
@Component(name = "io.koshi.tool.methods", service = Methods.class)
@Namespace("tool")
public final class ToolMethods implements Methods {
    private static final int MAX_OUTPUT = 100_000;

    private final Tools tools;

    @Activate
    public ToolMethods(@Reference Tools tools) {
        this.tools = tools;
    }

    public record View(
            @Doc("Its name.") String name,
            @Doc("What it is for.") String description,
            @Doc("JSON Schema of its arguments.") Map<String, Object> parameters,

            @Doc("Whether it only looks and changes nothing.")
            boolean readOnly) {
        static View of(Tool tool) {
            ToolSpec spec = tool.spec();
            return new View(spec.name(), spec.description(), spec.parameters(), tool.readOnly());
        }
    }

    public record Views(
            @Doc("The tools that are here, by name.") List<View> tools) {}

    @Rpc(value = "Lists the tools that are here.", scope = Scope.READ)
    public Views list() {
        return new Views(tools.list().stream().map(View::of).toList());
    }

    public record Which(@Doc("The tool's name.") String name) {}

    @Rpc(value = "Describes a tool and its parameters.", scope = Scope.READ)
    public View describe(Which which) {
        return View.of(tool(which.name()));
    }

    public record Ask(
            @Doc("The tool's name.") String name,

            @Doc("What it is told, as its parameters say.") @Default("{}")
            Map<String, Object> arguments) {}

    public record Output(
            @Doc("What it gave, cut at 100,000 characters.") String output) {}

    @Rpc(value = "Runs a tool and returns what it gave.", scope = Scope.WRITE)
    public Output execute(Ask ask, Caller caller) throws InterruptedException {
        Tool tool = tool(ask.name());
        Tool.Output output;
        try {
            output = tool.run(
                    new Tool.Context(
                            "tool:" + caller.name(), Ulid.next(), "1", Optional.empty(), Path.of("."), Trust.HIGH),
                    ask.arguments());
        } catch (KoshiException | InterruptedException e) {
            throw e;
        } catch (Exception | LinkageError e) {
            throw new KoshiException(ErrorCode.METHOD_ERROR, "Tool " + ask.name() + " failed: " + e.getMessage(), e);
        }
        String text = output.text();
        return new Output(text.length() > MAX_OUTPUT ? text.substring(0, MAX_OUTPUT) : text);
    }

    private Tool tool(String name) {
        return tools.find(name)
                .orElseThrow(() -> KoshiException.notFound("No tool is called '" + name + "'; tool.list names them"));
    }
}
