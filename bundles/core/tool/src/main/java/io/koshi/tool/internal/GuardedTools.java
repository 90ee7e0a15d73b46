package io.koshi.tool.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Pools;
import io.koshi.api.Trust;
import io.koshi.codec.SchemaCheck;
import io.koshi.config.Settings;
import io.koshi.model.ToolCall;
import io.koshi.tool.Approvals;
import io.koshi.tool.Tool;
import io.koshi.tool.Tool.Intent;
import io.koshi.tool.Tool.Output;
import io.koshi.tool.Tools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one guarded way to run a tool: known and offered, called as it says, not forbidden, approved where a person must,
 * and the same after the approval as before; then within its limits, and its output cut and without secrets.
 * Thread-safe.
 */
@Component(
        name = "io.koshi.tool",
        service = {Tools.class, GuardedTools.class},
        configurationPolicy = ConfigurationPolicy.IGNORE)
public final class GuardedTools implements Tools {
    private static final Logger LOG = LoggerFactory.getLogger(GuardedTools.class);

    private static final int FAULTS = 10;

    private final ToolTable table;
    private final Settings settings;
    private final Approvals approvals;
    private final Bench bench;
    private final Tainted tainted = new Tainted();

    @Activate
    public GuardedTools(
            @Reference ToolTable table,
            @Reference Settings settings,
            @Reference Approvals approvals,
            @Reference Pools pools) {
        this.table = table;
        this.settings = settings;
        this.approvals = approvals;
        this.bench = new Bench(pools);
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
        try {
            return kept(run, guarded(run, call, false), at, from, false);
        } catch (KoshiException e) {
            return kept(run, Output.failed(words(e)), at, from, e.code() == ErrorCode.FORBIDDEN);
        }
    }

    /** Why a call was not run, every fault of it, so that a model need not find them one by one. */
    private static String words(KoshiException e) {
        if (e.code() == ErrorCode.NOT_FOUND) {
            return e.getMessage();
        }
        String faults = e.details().stream()
                .limit(FAULTS)
                .map(fault -> fault.path().isEmpty() ? fault.problem() : fault.path() + ": " + fault.problem())
                .collect(Collectors.joining("; "));
        return "Not run: " + (faults.isEmpty() ? e.getMessage() : faults);
    }

    /**
     * Runs a tool for someone who asks for it by name.
     *
     * @param self whether he may approve what he asks for, and by asking has
     * @throws KoshiException NOT_FOUND, INVALID_PARAMS or FORBIDDEN when it was not run
     */
    Outcome execute(Run run, ToolCall call, boolean self) throws InterruptedException {
        Instant at = Instant.now();
        long from = System.nanoTime();
        return kept(run, guarded(run, call, self), at, from, false);
    }

    private Outcome kept(Run run, Output output, Instant at, long from, boolean denied) {
        tainted.reads(run.runId(), output.trust());
        String kept = KeptOutput.of(settings.redact(output.text())); // a cut must not halve a secret
        return new Outcome(kept, output.ok(), output.trust(), at, Duration.ofNanos(System.nanoTime() - from), denied);
    }

    /** @throws KoshiException why it was not run, in words for a model */
    private Output guarded(Run run, ToolCall call, boolean self) throws InterruptedException {
        Tool tool = table.find(call.name())
                .filter(known ->
                        known.audience() == run.audience() && run.offered().contains(call.name()))
                .orElseThrow(() -> new KoshiException(ErrorCode.NOT_FOUND, "Unknown tool: " + call.name()));
        if (call.malformed().isPresent()) {
            throw KoshiException.invalid("", "the arguments were no JSON object; call it again with one");
        }
        Tool.Context context;
        try {
            SchemaCheck.check(call.arguments(), tool.spec().parameters());
            context = context(run, call);
            Intent intent = tool.intent(context, call.arguments());
            boolean known = tainted.knows(run.runId(), intent, context.trust());
            Ruling ruling = Ruling.of(tool, intent, context.trust(), known, ToolSettings.of(settings.config()));
            if (ruling.kind() == Ruling.Kind.REFUSE) {
                throw forbidden(ruling.why());
            }
            if (ruling.kind() == Ruling.Kind.ASK && !self) {
                ask(run, call, context, intent, ruling);
                if (!same(tool, call, context, intent)) {
                    throw forbidden("what was approved has changed since; look again and ask again");
                }
            }
        } catch (KoshiException | InterruptedException e) {
            throw e;
        } catch (Exception | LinkageError | StackOverflowError e) {
            LOG.warn("Tool {} could not be looked at", call.name(), e);
            throw new KoshiException(ErrorCode.METHOD_ERROR, call.name() + " failed: " + e, e);
        }
        return bench.run(call.name(), tool, context, call.arguments());
    }

    private static KoshiException forbidden(String why) {
        return new KoshiException(ErrorCode.FORBIDDEN, why);
    }

    private Tool.Context context(Run run, ToolCall call) throws IOException {
        Path workspace = settings.home().resolve("workspace");
        if (run.audience() == Tool.Audience.WORKER) {
            Files.createDirectories(workspace);
        }
        Trust trust = tainted.of(run.runId(), run.trust());
        return new Tool.Context(run.sessionKey(), run.runId(), call.callId(), run.skill(), workspace, trust);
    }

    /** Returns when a person has approved. */
    private void ask(Run run, ToolCall call, Tool.Context context, Intent intent, Ruling ruling)
            throws InterruptedException {
        Approvals.Answer answer = approvals.ask(new Approvals.Request(
                run.person(),
                run.runId(),
                call.name(),
                call.arguments(),
                intent.bound(),
                ruling.why(),
                context.trust() == Trust.LOW));
        if (!answer.allowed()) {
            throw forbidden(
                    answer.note().orElse("it was denied by " + answer.by() + "; do not ask for the same again"));
        }
    }

    /** Whether the same tool would still do the same. */
    private boolean same(Tool tool, ToolCall call, Tool.Context context, Intent approved) throws Exception {
        return table.find(call.name()).filter(now -> now == tool).isPresent()
                && tool.intent(context, call.arguments()).equals(approved);
    }
}
