package io.koshi.plugin.internal;

import io.koshi.api.Http;
import io.koshi.api.KoshiException;
import io.koshi.api.Pools;
import io.koshi.api.Problem;
import io.koshi.config.Config;
import io.koshi.config.Settings;
import io.koshi.event.Events;
import io.koshi.plugin.Plugins;
import io.koshi.plugin.internal.Components.Trouble;
import io.koshi.plugin.internal.Garden.Planted;
import io.koshi.plugin.internal.Garden.Slot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import org.osgi.framework.BundleContext;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Installs what koshi.yaml names, adds and removes plugins while messages flow, and follows the deploy directory. The
 * framework property {@code koshi.garden} names the directory of shipped plugins. One change at a time. Thread-safe.
 */
@Component(
        name = "io.koshi.plugin",
        service = {Plugins.class, PluginRoom.class},
        immediate = true,
        configurationPolicy = ConfigurationPolicy.IGNORE)
public final class PluginRoom implements Plugins {
    private static final Logger LOG = LoggerFactory.getLogger(PluginRoom.class);
    private static final Duration LIMIT = Duration.ofSeconds(10);

    /** What a change would do; the shape of {@code plugin.plan}. */
    record Plan(List<String> closure, Optional<String> reason, String configDiff) {}

    private final ReentrantLock changing = new ReentrantLock();
    private final Settings settings;
    private final Shelf shelf;
    private final Garden garden;
    private final Gardener gardener;
    private final Change change;
    private final PluginNews news;
    private final AutoCloseable listening;
    private final CompletableFuture<Void> settled = new CompletableFuture<>();

    @Activate
    public PluginRoom(
            @Reference Settings settings,
            @Reference Events events,
            @Reference Pools pools,
            @Reference Http http,
            @Reference ConfigurationAdmin admin,
            @Reference ServiceComponentRuntime runtime,
            BundleContext context)
            throws IOException {
        this.settings = settings;
        Path home = settings.home();
        String shipped = Optional.ofNullable(context.getProperty("koshi.garden"))
                .orElse(home.resolve("garden").toString());
        this.shelf = Shelf.of(Path.of(shipped).toAbsolutePath(), home);
        this.garden = new Garden(
                new Bundles(context),
                new Configurations(context, admin, home, settings.data()),
                new Components(context, runtime, settings::redact),
                new TimeLimit(pools, limit(context)),
                new Meanwhile(context));
        this.news = new PluginNews(events);
        this.gardener = new Gardener(shelf, garden, news, pools.work());
        Repositories repositories = new Repositories(
                () -> settings.config().repositories(),
                http,
                Repositories.local(),
                home.resolve("cache").resolve("plugins"));
        this.change = new Change(settings, shelf, repositories, garden, gardener, news);
        this.listening = settings.onChange((before, after) -> follow());
        Path deploy = Files.createDirectories(home.resolve("deploy"));
        pools.work().execute(() -> {
            follow();
            settled.complete(null);
            pools.loop(
                    "deploy",
                    new DeployFolder(
                            deploy, this, new Trials(home.resolve("cache").resolve("deploying"))));
        });
    }

    @Deactivate
    public void close() throws Exception {
        listening.close();
    }

    /** Framework property {@code koshi.plugin.limit}: how long a plugin may take to start, in ms; 10 s. */
    private static Duration limit(BundleContext context) {
        String millis = context.getProperty("koshi.plugin.limit");
        return millis == null ? LIMIT : Duration.ofMillis(Long.parseLong(millis));
    }

    /** Reads what holds now: the change that is told may be older than the last plugin that was added. */
    private void follow() {
        changing.lock();
        try {
            gardener.follow(settings.config(), "config");
        } catch (RuntimeException e) {
            LOG.error("The plugins could not follow the configuration", e);
        } finally {
            changing.unlock();
        }
    }

    PluginNews.Added add(String source, Optional<String> name, Map<String, Object> given, String origin) {
        changing.lock();
        try {
            return change.add(source, name, given, origin);
        } catch (PluginFailure failure) {
            throw failure.asKoshi();
        } finally {
            changing.unlock();
        }
    }

    String remove(String name, String reason) {
        changing.lock();
        try {
            return change.remove(name, reason);
        } finally {
            changing.unlock();
        }
    }

    /** Removes all entries of a plugin whose jar was taken out. */
    void removeAll(String plugin, String reason) {
        changing.lock();
        try {
            change.removeAll(plugin, reason);
        } finally {
            changing.unlock();
        }
    }

    PluginNews.Added reload(String name) {
        changing.lock();
        try {
            return change.reload(name.split("~")[0]);
        } catch (PluginFailure failure) {
            throw failure.asKoshi();
        } finally {
            changing.unlock();
        }
    }

    /** Tries a change in mind: nothing is installed and nothing written. */
    Plan planAdd(String source, Optional<String> name, Map<String, Object> given) {
        List<String> closure = List.of();
        String diff = "";
        try {
            PluginJar jar = change.locate(source);
            closure = garden.closure(jar);
            Optional<Map<String, Object>> entry = change.entry(jar, name, given);
            diff = entry.map(e -> settings.diff(e.get("name").toString(), entry))
                    .orElse("");
            change.refuseToAdd(jar, entry);
            return new Plan(closure, Optional.empty(), diff);
        } catch (PluginFailure | KoshiException refused) {
            return new Plan(closure, Optional.of(refused.getMessage()), diff);
        }
    }

    Plan planRemove(String name) {
        Optional<Planted> plant = garden.find(name.split("~")[0]);
        List<String> closure = plant.map(garden::closure).orElse(List.of());
        try {
            change.refuseUnremovable(name);
            return new Plan(closure, Optional.empty(), settings.diff(name, Optional.empty()));
        } catch (KoshiException refused) {
            return new Plan(closure, Optional.of(refused.getMessage()), "");
        }
    }

    /** What the plugins' own declarations find wrong with their entries. */
    List<Problem> problems(Config candidate) {
        List<Problem> problems = new ArrayList<>();
        for (Instance instance : Instance.of(candidate).values()) {
            try {
                problems.addAll(Gardener.problems(shelf.find(instance.plugin()), instance));
            } catch (PluginFailure absent) {
                LOG.debug("'{}' is not here to be asked about its settings", instance.plugin(), absent);
            }
        }
        return problems;
    }

    LockFile lock() {
        return shelf.lock();
    }

    @Override
    public boolean settled() {
        return settled.isDone();
    }

    @Override
    public void onSettled(Runnable then) {
        settled.thenRun(then);
    }

    @Override
    public List<Plugin> list() {
        return garden.slots().stream()
                .map(this::view)
                .sorted(Comparator.comparing(Plugin::kind)
                        .thenComparing(Plugin::name)
                        .thenComparing(p -> p.instance().orElse("")))
                .toList();
    }

    @Override
    public List<String> channels() {
        List<String> channels = new ArrayList<>(); // asked for at every look at the hub's health
        for (Slot slot : garden.slots()) {
            Optional<PluginJar> jar = jar(slot);
            if (jar.isPresent() && jar.get().kind().equals("channel")) {
                channels.add(Plugins.instance(
                        slot.instance().plugin(), slot.instance().named()));
            }
        }
        Collections.sort(channels);
        return channels;
    }

    private Optional<PluginJar> jar(Slot slot) {
        return garden.find(slot.instance().plugin()).map(Planted::jar).or(slot::jar);
    }

    private Plugin view(Slot slot) {
        Instance instance = slot.instance();
        Optional<Planted> plant = garden.find(instance.plugin());
        Optional<PluginJar> jar = jar(slot);
        Optional<Trouble> trouble = garden.trouble(slot);
        return new Plugin(
                instance.plugin(),
                instance.named(),
                jar.map(PluginJar::kind).orElse(instance.key().startsWith("models.") ? "model" : "unknown"),
                jar.map(PluginJar::bsn).orElse(""),
                jar.map(PluginJar::version).orElse(""),
                plant.map(p -> p.bundle().getBundleId()).orElse(-1L),
                jar.map(PluginJar::sha256).orElse(""),
                shelf.lock().find(instance.plugin()).map(LockFile.Line::origin).orElse("shipped"),
                trouble.map(t -> t.failed() ? "failed" : "waiting").orElse("active"),
                trouble.map(Trouble::sentence),
                slot.since());
    }
}
