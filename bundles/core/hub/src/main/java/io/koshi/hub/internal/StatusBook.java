package io.koshi.hub.internal;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.koshi.api.Health.Report;
import io.koshi.api.KoshiException;
import io.koshi.channel.Channels;
import io.koshi.codec.Codec;
import io.koshi.config.Settings;
import io.koshi.event.Events;
import io.koshi.outbox.Outbox;
import io.koshi.plugin.Plugins;
import io.koshi.rpc.Caller;
import io.koshi.rpc.Registry;
import io.koshi.store.StoreStats;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gathers what hub.status says from the parts that are here; what is not installed is left out. Thread-safe. */
@Component(name = "io.koshi.hub.status", service = StatusBook.class, configurationPolicy = ConfigurationPolicy.IGNORE)
public final class StatusBook {
    private static final Logger LOG = LoggerFactory.getLogger("io.koshi.hub");
    private static final Caller SELF = Caller.admin("hub");

    private final BundleContext context;
    private final Life life;
    private final Settings settings;
    private final Events events;
    private final Registry registry;
    private final PartTable parts;
    private final Codec codec;

    @Activate
    public StatusBook(
            BundleContext context,
            @Reference Life life,
            @Reference Settings settings,
            @Reference Events events,
            @Reference Registry registry,
            @Reference PartTable parts,
            @Reference Codec codec) {
        this.context = context;
        this.life = life;
        this.settings = settings;
        this.events = events;
        this.registry = registry;
        this.parts = parts;
        this.codec = codec;
    }

    HubStatus status() {
        Instant started = Instant.ofEpochMilli(life.startedAt());
        Settings.Origin origin = settings.origin();
        return new HubStatus(
                settings.config().name(),
                version(),
                life.state().name().toLowerCase(Locale.ROOT),
                ProcessHandle.current().pid(),
                started,
                Duration.between(started, Instant.now()),
                settings.home().toString(),
                new HubStatus.Origin(origin.file().toString(), origin.loadedAt(), origin.lastGood(), origin.error()),
                http(),
                channels(),
                ask("buffer.depth"),
                parts.outbox().map(Outbox::stats).map(s -> new HubStatus.Outgoing(s.pending(), s.dead())),
                ask("memory.stats"),
                figures("session").map(data -> number(data, "sessions")),
                figures("agent").map(data -> new HubStatus.Runs(number(data, "active"), number(data, "queued"))),
                ask("task.stats")
                        .map(stats -> new HubStatus.Work(
                                number(stats, "queued"), number(stats, "leased"), number(stats, "failed"))),
                parts.store().map(store -> disk(store.stats())),
                events.epoch(),
                events.seq());
    }

    /** Writes the status to the log, as one line of JSON. */
    void dump() {
        LOG.info("Status: {}", new String(codec.json(status()), UTF_8));
    }

    /** The hub's version, as its artifacts have it. */
    String version() {
        var version = context.getBundle().getVersion();
        String number = version.getMajor() + "." + version.getMinor() + "." + version.getMicro();
        return version.getQualifier().isEmpty() ? number : number + "-" + version.getQualifier();
    }

    /** Where HTTP really listens: the port may have been any free one. */
    private Optional<HubStatus.Listening> http() {
        ServiceReference<?> runtime =
                context.getServiceReference("org.osgi.service.servlet.runtime.HttpServiceRuntime");
        Object endpoints = runtime == null ? null : runtime.getProperty("osgi.http.endpoint");
        List<?> listed = endpoints instanceof Object[] many
                ? List.of(many)
                : endpoints instanceof List<?> list
                        ? list
                        : Optional.ofNullable(endpoints).stream().toList();
        for (Object each : listed) {
            URI uri = URI.create(String.valueOf(each));
            if (uri.getHost() != null && uri.getPort() > 0) {
                return Optional.of(new HubStatus.Listening(uri.getHost(), uri.getPort()));
            }
        }
        return Optional.empty();
    }

    private List<HubStatus.ChannelState> channels() {
        List<HubStatus.ChannelState> channels = new ArrayList<>();
        parts.channels().ifPresent(table -> table.list().forEach(each -> channels.add(state(each))));
        parts.plugins()
                .ifPresent(plugins -> plugins.list().stream()
                        .filter(plugin -> plugin.kind().equals("channel"))
                        .filter(plugin ->
                                channels.stream().noneMatch(c -> c.name().equals(Readiness.instance(plugin))))
                        .forEach(plugin -> channels.add(absent(plugin))));
        return channels;
    }

    private HubStatus.ChannelState state(Channels.Info info) {
        return new HubStatus.ChannelState(
                info.name(),
                info.plugin(),
                info.state().link().name().toLowerCase(Locale.ROOT),
                info.since(),
                info.state().detail().map(settings::redact));
    }

    private static HubStatus.ChannelState absent(Plugins.Plugin plugin) {
        return new HubStatus.ChannelState(
                Readiness.instance(plugin),
                plugin.bsn(),
                "down",
                plugin.since(),
                Optional.of(plugin.error().orElse("the plugin is " + plugin.state())));
    }

    /** What a method of a room says; empty where the room is not here or cannot answer. */
    @SuppressWarnings("unchecked")
    private Optional<Map<String, Object>> ask(String method) {
        if (registry.find(method).isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of((Map<String, Object>) codec.toData(registry.ask(SELF, method, Map.of())));
        } catch (KoshiException e) {
            LOG.debug("No figures from {}", method, e);
            return Optional.empty();
        }
    }

    private Optional<Map<String, Object>> figures(String part) {
        return parts.healths().stream()
                .filter(PartTable.Part::core)
                .filter(each -> each.name().equals(part))
                .findFirst()
                .map(each -> each.health().health())
                .map(Report::data);
    }

    private static HubStatus.Disk disk(StoreStats stats) {
        return new HubStatus.Disk(stats.bytes(), stats.walBytes(), stats.freeDiskBytes());
    }

    private static long number(Map<String, Object> data, String name) {
        return data.get(name) instanceof Number number ? number.longValue() : 0;
    }
}
