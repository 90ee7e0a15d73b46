package io.koshi.config.internal;

import io.koshi.api.KoshiException;
import io.koshi.api.Loop;
import io.koshi.api.Pools;
import io.koshi.api.Problem;
import io.koshi.codec.Codec;
import io.koshi.config.Config;
import io.koshi.config.Settings;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Offers the live configuration and follows its file. Framework properties: {@code koshi.home}, the home directory, and
 * {@code koshi.config}, the file, by default koshi.yaml in the home. A file that cannot be used ends the process: the
 * sentence stands in the system property {@code koshi.refusal} for the launcher to print. Thread-safe.
 */
@Component(
        name = "io.koshi.config",
        service = {Settings.class, ConfigRoom.class},
        configurationPolicy = ConfigurationPolicy.IGNORE)
public final class ConfigRoom implements Settings {
    private static final Logger LOG = LoggerFactory.getLogger(ConfigRoom.class);
    private static final int QUIET_MS = 200;

    private final LiveSettings live;
    private final CheckTable checks;
    private final Runnable onCheck;
    private final Loop watch;

    @Activate
    public ConfigRoom(
            @Reference Codec codec, @Reference Pools pools, @Reference CheckTable checks, BundleContext context) {
        this.checks = checks;
        ConfigFile file = file(context, codec);
        try {
            writeDefault(file);
            this.live = new LiveSettings(file, checks, pools);
        } catch (KoshiException | IOException bad) {
            throw Refusal.of(context, bad);
        }
        this.onCheck = () -> pools.work().execute(this::report);
        checks.onArrival(onCheck);
        Set<Path> files = Set.of(file.file(), file.home().resolve("secrets.yaml"));
        this.watch = pools.loop("config", new FileWatch(files, QUIET_MS, this::follow));
    }

    @Deactivate
    public void close() {
        watch.close();
        checks.forget(onCheck);
    }

    private static ConfigFile file(BundleContext context, Codec codec) {
        String home = context.getProperty("koshi.home");
        if (home == null) {
            throw new IllegalStateException("The framework property koshi.home is not set");
        }
        Path directory = Path.of(home).toAbsolutePath();
        String config = context.getProperty("koshi.config");
        Path file = config == null
                ? directory.resolve("koshi.yaml")
                : Path.of(config).toAbsolutePath();
        return new ConfigFile(
                file,
                directory,
                codec,
                System::getenv,
                bsn -> Arrays.stream(context.getBundles()).anyMatch(bundle -> bsn.equals(bundle.getSymbolicName())));
    }

    /** A home without a file gets the commented default; a file named elsewhere must be there. */
    static void writeDefault(ConfigFile file) throws IOException {
        Path place = file.file().getParent();
        if (Files.notExists(file.file()) && Files.isDirectory(place) && Files.isSameFile(file.home(), place)) {
            try (InputStream in = ConfigRoom.class.getResourceAsStream("koshi.yaml")) {
                SafeFile.write(file.file(), new String(in.readAllBytes(), StandardCharsets.UTF_8));
            }
        }
    }

    private void follow() {
        try {
            live.reload();
        } catch (KoshiException bad) {
            LOG.debug("The file stays unused until it is mended", bad);
        }
    }

    private void report() {
        problems().forEach(problem -> LOG.warn("{}", problem.problem()));
    }

    AutoCloseable onReload(Consumer<LiveSettings.Outcome> observer) {
        return live.onReload(observer);
    }

    @Override
    public Config config() {
        return live.config();
    }

    @Override
    public Path home() {
        return live.home();
    }

    @Override
    public Path data() {
        return live.data();
    }

    @Override
    public Origin origin() {
        return live.origin();
    }

    @Override
    public AutoCloseable onChange(BiConsumer<Config, Config> listener) {
        return live.onChange(listener);
    }

    @Override
    public List<String> reload() {
        return live.reload();
    }

    @Override
    public Map<String, Object> redacted() {
        return live.redacted();
    }

    @Override
    public String redact(String text) {
        return live.redact(text);
    }

    @Override
    public List<Problem> settle() {
        return live.settle();
    }

    @Override
    public Map<String, Object> preview(Map<String, Object> entry) {
        return live.preview(entry);
    }

    @Override
    public String putPlugin(Map<String, Object> entry) {
        return live.putPlugin(entry);
    }

    @Override
    public Optional<String> removePlugin(String name) {
        return live.removePlugin(name);
    }

    @Override
    public List<String> check(String text) {
        return live.check(text);
    }

    @Override
    public String diff(String name, Optional<Map<String, Object>> entry) {
        return live.diff(name, entry);
    }

    @Override
    public List<Problem> problems() {
        return live.problems();
    }
}
