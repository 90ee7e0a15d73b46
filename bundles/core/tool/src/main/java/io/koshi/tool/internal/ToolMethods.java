package io.koshi.tool.internal;

import io.koshi.api.KoshiException;
import io.koshi.api.Trust;
import io.koshi.api.Ulid;
import io.koshi.codec.Default;
import io.koshi.model.ToolCall;
import io.koshi.model.ToolSpec;
import io.koshi.rpc.Caller;
import io.koshi.rpc.Doc;
import io.koshi.rpc.Methods;
import io.koshi.rpc.Namespace;
import io.koshi.rpc.Rpc;
import io.koshi.rpc.Scope;
import io.koshi.tool.Tool;
import io.koshi.tool.Tools;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/** Shows the tools and runs one for a caller. Thread-safe. */
@Component(name = "io.koshi.tool.methods", service = Methods.class, configurationPolicy = ConfigurationPolicy.IGNORE)
@Namespace("tool")
public final class ToolMethods implements Methods {
    private final GuardedTools tools;

    @Activate
    public ToolMethods(@Reference GuardedTools tools) {
        this.tools = tools;
    }

    public record View(
            @Doc("Its name.") String name,
            @Doc("What it is for.") String description,
            @Doc("JSON Schema of its arguments.") Map<String, Object> parameters,

            @Doc("Whether it only looks and changes nothing.")
            boolean readOnly,

            @Doc("Which sort of agent may have it: coordinator or worker.")
            Tool.Audience audience) {
        static View of(Tool tool) {
            ToolSpec spec = tool.spec();
            return new View(spec.name(), spec.description(), spec.parameters(), tool.readOnly(), tool.audience());
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
            Map<String, Object> args,

            @Doc("On whose behalf it runs.") @Default("{}") About context) {}

    public record About(
            @Doc("The session it is for, where a person is asked if one must be.")
            Optional<String> sessionKey,

            @Doc("The skill by whose lists it is held.") Optional<String> skill) {}

    public record Output(
            @Doc("What it gave, or why it failed; at most 100,000 characters, head and tail of more.")
            String output,

            @Doc("Whether it did what it was asked.") boolean ok,

            @Doc("How far whoever wrote the output is to be trusted.")
            Trust trust,

            @Doc("How long it took, with the time it waited for a person.")
            Duration durationMs) {}

    @Rpc(value = "Runs a tool and returns what it gave.", scope = Scope.WRITE)
    public Output execute(Ask ask, Caller caller) throws InterruptedException {
        Tool tool = tool(ask.name());
        String session = ask.context().sessionKey().orElse("tool:" + caller.name());
        Tools.Run run = new Tools.Run(
                session, Ulid.next(), session, ask.context().skill(), tool.audience(), Set.of(ask.name()), Trust.HIGH);
        Tools.Outcome outcome =
                tools.execute(run, new ToolCall("1", ask.name(), ask.args()), ApprovalMethods.mayApprove(caller));
        return new Output(outcome.output(), outcome.ok(), outcome.trust(), outcome.took());
    }

    private Tool tool(String name) {
        return tools.find(name)
                .orElseThrow(() -> KoshiException.notFound("No tool is called '" + name + "'; tool.list names them"));
    }
}
