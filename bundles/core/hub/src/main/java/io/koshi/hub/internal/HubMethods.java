package io.koshi.hub.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.Health;
import io.koshi.api.KoshiException;
import io.koshi.codec.Default;
import io.koshi.config.Settings;
import io.koshi.hub.Lifecycle;
import io.koshi.rpc.Caller;
import io.koshi.rpc.Doc;
import io.koshi.rpc.Methods;
import io.koshi.rpc.Namespace;
import io.koshi.rpc.Rpc;
import io.koshi.rpc.Scope;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/** What can be asked of the hub as a whole. Thread-safe. */
@Component(name = "io.koshi.hub.methods", service = Methods.class, configurationPolicy = ConfigurationPolicy.IGNORE)
@Namespace("hub")
public final class HubMethods implements Methods {
    private final Life life;
    private final StatusBook status;
    private final Settings settings;
    private final TraceBook traces;
    private volatile Told told;

    @Activate
    public HubMethods(
            @Reference Life life,
            @Reference StatusBook status,
            @Reference Settings settings,
            @Reference PartTable parts) {
        this.life = life;
        this.status = status;
        this.settings = settings;
        this.traces = new TraceBook(parts);
    }

    record Look(
            @Doc("Whether to write it to the hub's log as well.") @Default("false")
            boolean dump) {}

    @Rpc(value = "Says how the hub is: channels, depths, runs, store.", scope = Scope.READ)
    public HubStatus status(Look look) {
        if (look.dump()) {
            status.dump();
        }
        return status.status();
    }

    @Rpc(value = "Says whether the hub and each of its parts are well.", scope = Scope.READ)
    public HubHealth health() {
        Told told = told(life.health().look());
        List<String> waiting = life.waiting();
        return new HubHealth(
                told.status(),
                life.state() == Lifecycle.State.READY && waiting.isEmpty(),
                true,
                name(life.state()),
                settings.config().name(),
                status.version(),
                Duration.ofMillis(System.currentTimeMillis() - life.startedAt()),
                told.error(),
                told.parts(),
                waiting.isEmpty() ? Optional.empty() : Optional.of(waiting));
    }

    /** What a look gives to be told; the same for all who are told of it. */
    private record Told(HealthBook.Look look, String status, Optional<String> error, List<HubHealth.Part> parts) {}

    private Told told(HealthBook.Look look) {
        Told last = told;
        if (last == null || last.look() != look) {
            List<Health.Report> reports = look.reports();
            last = new Told(
                    look,
                    name(HealthBook.overall(reports)),
                    reports.stream()
                            .filter(report -> report.status() == Health.Status.UNHEALTHY)
                            .findFirst()
                            .map(report -> report.name() + ": "
                                    + settings.redact(report.message().orElse("unhealthy"))),
                    reports.stream().map(report -> part(report, look.at())).toList());
            told = last;
        }
        return last;
    }

    record Stop(@Doc("Why, for the log.") Optional<String> reason) {}

    record Stopped(
            @Doc("Always true.") boolean stopping,
            @Doc("The process that ends.") long pid) {}

    @Rpc(value = "Lets what is under way finish and ends the hub.", scope = Scope.ADMIN, quick = true)
    public Stopped stop(Stop ask, Caller caller) {
        if (caller.name().startsWith("run:")) {
            throw new KoshiException(
                    ErrorCode.FORBIDDEN,
                    "A process that the hub itself has started (" + caller.name() + ") may not stop it; ask a person.");
        }
        life.stop(caller.name() + ask.reason().map(why -> ", " + why).orElse(""));
        return new Stopped(true, ProcessHandle.current().pid());
    }

    record Ref(
            @Doc("A message's id, or any of the others.") Optional<String> id,
            @Doc("The platform's own id.") Optional<String> externalId,
            @Doc("A run that answers it.") Optional<String> runId,
            @Doc("A task it became.") Optional<String> taskId) {}

    @Rpc(value = "Shows every step of a message's way.", scope = Scope.READ)
    public HubTrace trace(Ref ref) {
        List<String> given = Stream.of(ref.id(), ref.externalId(), ref.runId(), ref.taskId())
                .flatMap(Optional::stream)
                .toList();
        if (given.size() != 1) {
            throw KoshiException.invalid("/id", "give one of id, externalId, runId and taskId");
        }
        return traces.trace(given.get(0));
    }

    /** A plugin may quote its own settings, and one of them may be a secret. */
    private HubHealth.Part part(Health.Report report, Instant at) {
        Map<String, Object> data = report.data();
        return new HubHealth.Part(
                report.name(),
                report.kind(),
                name(report.status()),
                report.message().map(settings::redact),
                at,
                data == null || data.isEmpty() ? Optional.empty() : Optional.of(data));
    }

    private static String name(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
